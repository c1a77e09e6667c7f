"""What was published: immutable versions, the one that is live, and the counter that empties caches. Must be written by
nothing but pages/publishing.py."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.models.page import Page

LANGUAGE_CHOICES = [("en", _("English")), ("es", _("Spanish"))]


class PageVersion(models.Model):
    """A page as it was published in one language: a JSON snapshot, fact tokens unresolved. Never changed."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="versions")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CHOICES)
    number = models.PositiveIntegerField(_("version"))
    format = models.PositiveSmallIntegerField(_("format of the snapshot"))
    content = models.JSONField(_("content"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the starter content."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["-published_at", "-number"]
        verbose_name = _("published version")
        verbose_name_plural = _("published versions")
        constraints = [
            models.UniqueConstraint(fields=["page", "language", "number"], name="page_version_number_once"),
            models.CheckConstraint(condition=Q(language__in=["en", "es"]), name="page_version_language_exists"),
            models.CheckConstraint(condition=Q(number__gte=1, format__gte=1), name="page_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.page.key} {self.language} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new version; a written one never changes."""
        if not self._state.adding:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Versions are the record of what patients were told."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError("A published version is never changed or deleted; publish a new one.")


class Publication(models.Model):
    """Which version of a page is live in a language, at which path. No row: patients cannot see it.

    A row with `starts_at` takes over at that moment from the row without; readers decide by the clock (published.py),
    so that no worker has to run at midnight."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="publications")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGE_CHOICES)
    path = models.CharField(_("path"), max_length=120)
    version = models.OneToOneField(PageVersion, on_delete=models.PROTECT, related_name="publication")
    starts_at = models.DateTimeField(_("goes live"), null=True, blank=True)
    ends_at = models.DateTimeField(_("is taken away"), null=True, blank=True)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["path"]
        verbose_name = _("live page")
        verbose_name_plural = _("live pages")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "language"], condition=Q(starts_at=None), name="publication_once_per_language"
            ),
            models.UniqueConstraint(
                fields=["page", "language"], condition=Q(starts_at__isnull=False), name="publication_planned_once"
            ),
            models.UniqueConstraint(fields=["path"], condition=Q(starts_at=None), name="publication_path_once"),
            models.UniqueConstraint(
                fields=["path"], condition=Q(starts_at__isnull=False), name="publication_planned_path_once"
            ),
            models.CheckConstraint(condition=Q(language__in=["en", "es"]), name="publication_language_exists"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="publication_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class Generation(models.Model):
    """One row: raised in every transaction that changes what pages show; caches compare it."""

    number = models.PositiveBigIntegerField(default=0)

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generation")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="generation_has_one_row")]

    def __str__(self) -> str:
        return str(self.number)
