"""Publishes and withdraws pages and raises the generation: the only writer of PageVersion, Publication and Generation.
Must not change the words of a draft; the check of a medical page is written here, with the version that it is for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from pages import content, published
from pages.models import Generation, Page, PageVersion, Publication, Redirect

Actor = AbstractBaseUser | AnonymousUser | None  # None: the starter content


class PublishRefusedError(Exception):
    """The page cannot be published as it is; the message says why, in words for the editor."""


@dataclass(frozen=True)
class Check:
    """Who checked the words of a medical page, and when the next check is due."""

    checked_by: str
    checked_on: date
    due_on: date


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
    others = Publication.objects.filter(path=draft.path).exclude(page=page, language=language)
    if draft.path and others.exclude(ends_at__lte=timezone.now()).exists():
        missing.append(_("Another page is live at this path."))
    return missing


@transaction.atomic
def publish(
    page: Page,
    *,
    language: str,
    by: Actor,
    note: str = "",
    check: Check | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> PageVersion:
    """Make the draft what patients see in a language, now or from a moment on. Without a check ("no clinical change") a
    medical page keeps its date. What was planned before is forgotten. Raises PublishRefusedError."""
    # The row is locked so that two people who publish at once get two versions, one after the other.
    page = Page.objects.select_for_update().get(pk=page.pk)
    now = timezone.now()
    if starts_at is not None and starts_at <= now:
        starts_at = None
    if not may_publish(page, by=by):
        raise PublishRefusedError(_("You may not publish this page. Ask somebody who may publish medical pages."))
    if ends_at is not None and ends_at <= (starts_at or now):
        raise PublishRefusedError(_("The page would be taken away before it is shown. Choose a later day for the end."))
    _keep_check(page, check, by=by)
    if problems := obstacles(page, language=language):
        raise PublishRefusedError(" ".join(problems))
    version = _write_version(page, language, by=by, note=note, now=now, shown_at=starts_at or now)
    try:
        with transaction.atomic():
            _point_to(version, starts_at=starts_at, ends_at=ends_at, now=now)
    except IntegrityError as error:
        raise PublishRefusedError(_("Another page is live at this path.")) from error
    bump()
    return version


@transaction.atomic
def withdraw(page: Page, *, language: str, by: Actor) -> None:
    """Take the page away from patients in a language, planned versions too; its versions stay."""
    if not may_publish(page, by=by):
        raise PublishRefusedError(_("You may not withdraw this page. Ask somebody who may publish medical pages."))
    Publication.objects.filter(page=page, language=language).delete()
    bump()


def adopt(version: PageVersion) -> PageVersion:
    """Keep a version that another site published: under its number, or under the next one where that is taken."""
    if PageVersion.objects.filter(page=version.page, language=version.language, number=version.number).exists():
        version.number = _next_number(version.page, version.language)
    version.save()
    return version


def replace_live(rows: Iterable[Publication]) -> None:
    """Patients see these pages and no others, within the caller's transaction."""
    Publication.objects.all().delete()
    for row in rows:
        row.save()
    bump()


def _keep_check(page: Page, check: Check | None, *, by: Actor) -> None:
    if check is not None and page.medical:
        page.checked_by, page.checked_on, page.due_on = check.checked_by, check.checked_on, check.due_on
        page.save(update_fields=["checked_by", "checked_on", "due_on", "changed_at"])
    elif page.medical and page.checked_on is None and by is not None:
        raise PublishRefusedError(_("Nobody has checked this medical page yet. Enter who checked it."))


def _write_version(
    page: Page, language: str, *, by: Actor, note: str, now: datetime, shown_at: datetime
) -> PageVersion:
    stored = content.to_json(content.from_draft(page, language=language))
    stored["words_since"] = _words_since(page, language, stored) or shown_at.isoformat()
    version = PageVersion(
        page=page,
        language=language,
        number=_next_number(page, language),
        format=content.FORMAT,
        content=stored,
        published_at=now,
        published_by_id=by.pk if by is not None else None,
        note=note,
    )
    version.save()
    return version


def _words_since(page: Page, language: str, stored: dict[str, Any]) -> str:
    """The moment that the last version names, if its words are the same; otherwise nothing."""
    last = PageVersion.objects.filter(page=page, language=language).order_by("-number").first()
    if last is None:
        return ""
    try:
        said, says = (
            content.from_json(old, format=number)
            for old, number in ((last.content, last.format), (stored, content.FORMAT))
        )
    except content.UnreadableSnapshotError:
        return ""
    is_same = content.words_alone(said) == content.words_alone(says)
    return str(last.content.get("words_since", last.published_at.isoformat())) if is_same else ""


def _point_to(
    version: PageVersion, *, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> Publication:
    rows = Publication.objects.filter(page=version.page, language=version.language)
    current = next(iter(published.live_now(rows, now=now)), None)
    (rows.exclude(pk=current.pk) if current else rows).delete()
    path = str(version.content["path"])
    Publication.objects.filter(path=path, ends_at__lte=now).exclude(page=version.page).delete()
    if starts_at is not None:
        if current is not None and current.starts_at is not None:
            current.starts_at = None  # it has begun: from now on it is the row that the new one takes over from
            current.save()
    elif current is not None:
        current.delete()
    row = Publication(
        page=version.page,
        language=version.language,
        path=path,
        version=version,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    row.save()
    if current is not None:
        _lead_on(current.path, path)
    return row


def _lead_on(old: str, new: str) -> None:
    """Whoever kept the old address finds the page; earlier moves lead to the new address in one step."""
    Redirect.objects.filter(path=new).delete()
    if old != new:
        Redirect.objects.filter(target=old).update(target=new)
        Redirect.objects.update_or_create(path=old, defaults={"target": new, "made_by_move": True})


def live_languages(pages: Iterable[Page]) -> dict[int, list[str]]:
    """For each page the languages in which patients can see it."""
    found: dict[int, list[str]] = {page.pk: [] for page in pages}
    rows = published.live_now(Publication.objects.filter(page__in=found), now=timezone.now())
    for row in sorted(rows, key=lambda row: row.language):
        found[row.page_id].append(row.language)
    return found


def _next_number(page: Page, language: str) -> int:
    last = PageVersion.objects.filter(page=page, language=language).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
