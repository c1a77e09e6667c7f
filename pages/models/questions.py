"""Questions and answers by topic. Must not search them (pages/search.py does)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pages.fact_list import known_tokens
from pages.rich_text import RichTextField


class Topic(models.Model):
    """A heading that questions stand under."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects: ClassVar[models.Manager["Topic"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """One question with its answer; the key is its address on the page. A language without both is left out."""

    key = models.SlugField(max_length=60, unique=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", verbose_name=_("topic"))
    question = models.CharField(_("question"), max_length=200, validators=[known_tokens])
    answer = RichTextField(_("answer"))
    synonyms = models.CharField(
        _("other words for it"),
        max_length=400,
        blank=True,
        help_text=_("Words that people may search for, in both languages, with spaces between them."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_shown = models.BooleanField(_("shown"), default=True)
    doctor_must_approve = models.BooleanField(_("the doctor must approve the words"), default=False)
    approved_by = models.CharField(_("approved by"), max_length=120, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
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

    objects: ClassVar[models.Manager["Question"]]

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        ordering = ["topic__position", "position", "key"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="", approved_on__isnull=True)
                | (~Q(approved_by="") & Q(approved_on__isnull=False)),
                name="question_approval_is_whole",
                violation_error_message=_("Enter both who approved it and when."),
            ),
        ]

    def __str__(self) -> str:
        return self.question
