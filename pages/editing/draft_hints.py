"""The hints for a row as it stands in the tables, in both languages. Must not judge words itself (hints.py does)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from pages import content, facts, published
from pages.editing import hints
from pages.editing.hints import Hint
from pages.models import Page, PageVersion, Publication, Question


def of_page(page: Page) -> Mapping[str, list[Hint]]:
    """The hints of each language that has words."""
    index, known = published.index(), facts.current()
    english, spanish = (content.from_draft(page, language=language) for language in ("en", "es"))
    # A draft may link to itself before it is live.
    found = {"en": hints.for_page(english, index=index, facts=known)}
    if spanish.title:
        older = [Hint(_("Spanish"), _("The English has changed since the Spanish was published."))]
        found["es"] = [
            *(older if spanish_is_older(page) else []),
            *hints.spanish_is_missing(english, spanish),
            *hints.for_page(spanish, index=index, facts=known),
        ]
    return {language: list(dict.fromkeys(said)) for language, said in found.items()}


def of_question(question: Question) -> Mapping[str, list[Hint]]:
    """The hints of an answer in each language."""
    index, known = published.index(), facts.current()
    found: dict[str, list[Hint]] = {}
    for language in ("en", "es"):
        asked, answer = (content.in_language(question, name, language) for name in ("question", "answer"))
        if answer:
            found[language] = hints.for_text(asked, answer, language=language, index=index, facts=known)
    if "en" in found and "es" not in found:
        found["es"] = [Hint(str(question), _("The Spanish is missing."))]
    return found


def spanish_is_older(page: Page) -> bool:
    """Whether the English words differ from those that were live when the Spanish was published, and the Spanish draft
    has not changed since."""
    live = Publication.objects.filter(page=page, language="es").select_related("version").first()
    if live is None:
        return False
    then = PageVersion.objects.filter(page=page, language="en", published_at__lte=live.version.published_at)
    english = then.order_by("-number").first()
    if english is None:
        return False
    return _differs(page, english) and not _differs(page, live.version)


def _differs(page: Page, version: PageVersion) -> bool:
    try:
        old = content.from_json(version.content, format=version.format)
    except content.UnreadableSnapshotError:
        return True
    new = content.from_draft(page, language=version.language)
    return content.words_alone(old) != content.words_alone(new)
