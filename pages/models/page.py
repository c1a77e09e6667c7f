"""The draft of a page: its addresses, titles and review dates; its sections stand in sections.py. Must not decide what
is live (Publication does, written by pages/publishing.py)."""

from typing import ClassVar

from content_editor.models import Region
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pages.fact_list import known_tokens
from pages.models.clinic import Reference
from pages.paths import FIXED_PATHS, is_free, language_of

well_formed_path = RegexValidator(
    r"^/(?:[a-z0-9-]+/)*$", _("Start and end with a slash; use small letters, digits and hyphens.")
)


class Page(models.Model):
    """A page as editors work on it. What patients see is its published version."""

    regions: ClassVar[list[Region]] = [Region(key="main", title=_("Sections"))]

    class Place(models.TextChoices):
        """Where every page links to this one."""

        NOWHERE = "", _("Not in a menu")
        NAV = "nav", _("Main menu")
        FOOTER = "footer", _("Foot of the page")

    key = models.SlugField(max_length=60, unique=True, help_text=_("A name for programs. It never changes."))
    path_en = models.CharField(_("path in English"), max_length=120, unique=True, validators=[well_formed_path])
    path_es = models.CharField(
        _("path in Spanish"),
        max_length=120,
        unique=True,
        null=True,
        blank=True,
        validators=[well_formed_path],
        help_text=_("Starts with /es/. Leave it empty if the page has no Spanish version."),
    )
    title = models.CharField(_("title"), max_length=120, validators=[known_tokens])
    nav_title = models.CharField(_("short title for menus"), max_length=40)
    description = models.CharField(_("description for search engines"), max_length=155, validators=[known_tokens])
    lead = models.TextField(_("introduction"), max_length=600, blank=True, validators=[known_tokens])
    medical = models.BooleanField(
        _("medical"), default=False, help_text=_("Only people who may publish medical pages can publish it.")
    )
    noindex = models.BooleanField(_("hidden from search engines"), default=False)
    place = models.CharField(_("linked from"), max_length=8, choices=Place.choices, blank=True, default=Place.NOWHERE)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    references = models.ManyToManyField(
        Reference,
        blank=True,
        related_name="pages",
        verbose_name=_("sources"),
        help_text=_("A sources section shows those that the doctor approved."),
    )
    checked_by = models.CharField(_("checked by"), max_length=120, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    due_on = models.DateField(_("next check"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_("Who keeps it true."),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar[models.Manager["Page"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["path_en"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        permissions = [
            ("publish_page", "Can publish pages"),
            ("publish_medical_page", "Can publish medical pages"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_by="", checked_on__isnull=True, due_on__isnull=True)
                | (~Q(checked_by="") & Q(checked_on__isnull=False, due_on__gt=F("checked_on"))),
                name="page_review_is_whole",
                violation_error_message=_("Enter who checked the page, when, and a later date for the next check."),
            ),
            models.CheckConstraint(
                condition=Q(path_en__startswith="/", path_en__endswith="/"), name="page_path_en_has_slashes"
            ),
            models.CheckConstraint(
                condition=Q(path_es__isnull=True) | Q(path_es__startswith="/es/", path_es__endswith="/"),
                name="page_path_es_is_under_es",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.key

    def clean(self) -> None:
        """Fixed pages keep their paths; other pages keep clear of them."""
        self.path_es = self.path_es or None
        fixed = FIXED_PATHS.get(self.key)
        if fixed is not None:
            self.path_en, self.path_es = fixed
            return
        if language_of(self.path_en) != "en":
            raise ValidationError({"path_en": _("Addresses under /es/ are for Spanish pages. Choose another one.")})
        for field, path in (("path_en", self.path_en), ("path_es", self.path_es)):
            if path and not is_free(path):
                raise ValidationError({field: _("This path is taken by the site itself. Choose another one.")})

    def path(self, language: str) -> str:
        """The path of the draft in a language; empty when it has none."""
        return (self.path_es or "") if language == "es" else self.path_en
