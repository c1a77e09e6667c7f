"""Publishes and withdraws pages and raises the generation: the only writer of PageVersion, Publication and Generation.
Must not change a draft."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from pages import content
from pages.models import Generation, Page, PageVersion, Publication

Actor = AbstractBaseUser | AnonymousUser | None  # None: the starter content


class PublishRefusedError(Exception):
    """The page cannot be published as it is; the message says why, in words for the editor."""


def generation() -> int:
    """The number that caches compare; 0 before anything was written. One query."""
    return Generation.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def bump() -> None:
    """Raise the generation within the caller's transaction, so that caches let go of what changed."""
    if not Generation.objects.filter(pk=1).update(number=F("number") + 1):
        _row, created = Generation.objects.get_or_create(pk=1, defaults={"number": 1})
        if not created:
            bump()


def may_publish(page: Page, *, by: Actor) -> bool:
    """Medical pages need a permission of their own."""
    if by is None:
        return True
    needed = "pages.publish_medical_page" if page.medical else "pages.publish_page"
    return getattr(by, "has_perm", lambda _name: False)(needed)


def obstacles(page: Page, *, language: str) -> list[str]:
    """Why the draft cannot be published in a language, in words for the editor; empty when it can."""
    draft = content.from_draft(page, language=language)
    missing = [
        words
        for words, value in (
            (_("The path is missing."), draft.path),
            (_("The title is missing."), draft.title),
            (_("The short title for menus is missing."), draft.nav_title),
            (_("The description for search engines is missing."), draft.description),
        )
        if not value
    ]
    if draft.path and Publication.objects.filter(path=draft.path).exclude(page=page, language=language).exists():
        missing.append(_("Another page is live at this path."))
    return missing


@transaction.atomic
def publish(page: Page, *, language: str, by: Actor, note: str = "") -> PageVersion:
    """Make the draft what patients see in a language. Raises PublishRefusedError."""
    # The row is locked so that two people who publish at once get two versions, one after the other.
    page = Page.objects.select_for_update().get(pk=page.pk)
    if not may_publish(page, by=by):
        raise PublishRefusedError(_("You may not publish this page. Ask somebody who may publish medical pages."))
    if problems := obstacles(page, language=language):
        raise PublishRefusedError(" ".join(problems))
    draft = content.from_draft(page, language=language)
    version = PageVersion(
        page=page,
        language=language,
        number=_next_number(page, language),
        format=content.FORMAT,
        content=content.to_json(draft),
        published_at=timezone.now(),
        published_by_id=by.pk if by is not None else None,
        note=note,
    )
    version.save()
    try:
        with transaction.atomic():
            Publication.objects.update_or_create(
                page=page, language=language, defaults={"path": draft.path, "version": version}
            )
    except IntegrityError as error:
        raise PublishRefusedError(_("Another page is live at this path.")) from error
    bump()
    return version


@transaction.atomic
def withdraw(page: Page, *, language: str, by: Actor) -> None:
    """Take the page away from patients in a language; its versions stay."""
    if not may_publish(page, by=by):
        raise PublishRefusedError(_("You may not withdraw this page. Ask somebody who may publish medical pages."))
    Publication.objects.filter(page=page, language=language).delete()
    bump()


def live_languages(pages: Iterable[Page]) -> dict[int, list[str]]:
    """For each page the languages in which patients can see it."""
    found: dict[int, list[str]] = {page.pk: [] for page in pages}
    rows = Publication.objects.filter(page__in=found).order_by("language").values_list("page_id", "language")
    for page_id, language in rows:
        found[page_id].append(language)
    return found


def _next_number(page: Page, language: str) -> int:
    last = PageVersion.objects.filter(page=page, language=language).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
