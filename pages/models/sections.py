"""The closed set of section kinds, each a table edited by django-content-editor. Must not render (one template per kind
does) nor look up what it shows (pages/rendering.py does). A new kind: one class here, one template."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pages.fact_list import known_tokens
from pages.models.page import Page
from pages.models.questions import Topic
from pages.rich_text import RichTextField
from pages.table_text import whole_table

internal_path = RegexValidator(
    r"^/(?![/\\])[^\s\\]*$", _("Write an address of this site that starts with a slash, like /pricing/.")
)


class Section(models.Model):
    """One part of a page's flat, ordered list. `kind` names the template; `groups` says that neighbours of the kind are
    shown as one group."""

    kind: ClassVar[str]
    groups: ClassVar[bool] = False
    fields_en_es: ClassVar[tuple[str, ...]] = ("heading",)

    parent = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=255, default="main")
    ordering = models.IntegerField(default=0)
    anchor = models.SlugField(_("name in links"), max_length=60, blank=True, help_text=_("For example “cost”."))
    heading = models.CharField(_("heading"), max_length=160, blank=True, validators=[known_tokens])

    class Privacy:
        personal: tuple[str, ...] = ()

    class Meta:
        abstract = True
        ordering = ["ordering"]

    def __str__(self) -> str:
        return self.heading or str(self._meta.verbose_name)


class WordedSection(Section):
    """A section with words of its own, which the doctor may have to approve."""

    fields_en_es: ClassVar[tuple[str, ...]] = ("heading", "body")

    body = RichTextField(_("text"), blank=True)
    doctor_must_approve = models.BooleanField(_("the doctor must approve the words"), default=False)
    approved_by = models.CharField(_("approved by"), max_length=120, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)

    class Meta(Section.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="", approved_on__isnull=True)
                | (~Q(approved_by="") & Q(approved_on__isnull=False)),
                name="%(class)s_approval_is_whole",
                violation_error_message=_("Enter both who approved it and when."),
            ),
        ]

    def __str__(self) -> str:
        name = super().__str__()
        return _("Waiting for the doctor: %(name)s") % {"name": name} if self.is_waiting else name

    @property
    def is_waiting(self) -> bool:
        """Whether the doctor still has to approve the words."""
        return self.doctor_must_approve and self.approved_on is None


class TextSection(WordedSection):
    """Heading and text."""

    kind = "text"

    objects: ClassVar[models.Manager["TextSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("text")


class StepSection(WordedSection):
    """One step; neighbours become a numbered list."""

    kind = "step"
    groups = True

    class Figure(models.TextChoices):
        """The small drawings that exist (templates/figures)."""

        PHONE = "spot-phone", _("Phone")
        TALK = "spot-talk", _("Two people talk")
        CALENDAR = "spot-calendar", _("Calendar")
        SCREEN = "spot-screen", _("Screen")
        TABLE = "spot-table", _("X-ray table")
        TUBE = "spot-tube", _("Thin tube")
        DYE = "spot-dye", _("Dye")
        PICTURES = "spot-pictures", _("Pictures")
        BOTTLE = "spot-bottle", _("Medicine bottle")
        CAPSULE = "spot-capsule", _("Capsule")
        CLOCK = "spot-clock", _("Clock")
        OFFICE = "spot-office", _("Office")
        HOME = "spot-home", _("Home")

    figure = models.CharField(
        _("small drawing"), max_length=20, choices=Figure.choices, blank=True, help_text=_("Decoration only.")
    )

    objects: ClassVar[models.Manager["StepSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("step")


class CardSection(WordedSection):
    """A box with an optional link; neighbours stand side by side."""

    kind = "card"
    groups = True
    fields_en_es: ClassVar[tuple[str, ...]] = ("heading", "body", "link_text")

    link_path = models.CharField(_("link to"), max_length=200, blank=True, validators=[internal_path])
    link_text = models.CharField(_("words of the link"), max_length=80, blank=True)

    objects: ClassVar[models.Manager["CardSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("card")


class CareSection(WordedSection):
    """A box that says what to do, in three urgencies."""

    kind = "care"

    class Urgency(models.TextChoices):
        """How fast the reader must act."""

        INFO = "info", _("Good to know")
        URGENT = "urgent", _("Call today")
        EMERGENCY = "emergency", _("Call 911")

    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency.choices, default=Urgency.INFO)

    objects: ClassVar[models.Manager["CareSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("care card")
        constraints = [
            *WordedSection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(urgency__in=["info", "urgent", "emergency"]), name="care_section_urgency_exists"
            ),
        ]


class FactSection(WordedSection):
    """A big figure or word with a short line under it; neighbours become one list."""

    kind = "fact"
    groups = True

    objects: ClassVar[models.Manager["FactSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("fact in a list")


class ComparisonSection(WordedSection):
    """A table that sets two or three things side by side."""

    kind = "comparison"
    fields_en_es: ClassVar[tuple[str, ...]] = ("heading", "body", "table")

    table = models.TextField(
        _("table"),
        max_length=2000,
        validators=[known_tokens, whole_table],
        help_text=_(
            "One row in each line, with | between its cells. The first line names the columns and starts with |, "
            "for example: | Video visit | Office visit"
        ),
    )

    objects: ClassVar[models.Manager["ComparisonSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("comparison")


class TopicSection(Section):
    """The questions of one topic."""

    kind = "topic"

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+", verbose_name=_("topic"))

    objects: ClassVar[models.Manager["TopicSection"]]

    class Meta(Section.Meta):
        verbose_name = _("questions of a topic")


class PricesSection(Section):
    """What the price of a service covers."""

    kind = "prices"

    service = models.SlugField(_("service"), max_length=40, default="hsg")

    objects: ClassVar[models.Manager["PricesSection"]]

    class Meta(Section.Meta):
        verbose_name = _("prices of a service")


class FigureSection(Section):
    """One of our drawings."""

    kind = "figure"
    groups = True
    fields_en_es: ClassVar[tuple[str, ...]] = ("heading", "caption")

    class Figure(models.TextChoices):
        """The drawings that exist (templates/figures)."""

        TUBES_OPEN = "tubes-open", _("Open tubes")
        TUBES_BLOCKED = "tubes-blocked", _("A blocked tube")
        CYCLE = "cycle", _("Days of the cycle")
        PLAN = "plan", _("Days around the test")
        BLOCKAGE = "blockage", _("Where a blockage can sit")
        ROOM = "room", _("The room")

    figure = models.CharField(_("drawing"), max_length=20, choices=Figure.choices)
    caption = models.CharField(_("caption"), max_length=400, blank=True, validators=[known_tokens])

    objects: ClassVar[models.Manager["FigureSection"]]

    class Meta(Section.Meta):
        verbose_name = _("drawing")
        constraints = [
            models.CheckConstraint(
                condition=Q(figure__in=["tubes-open", "tubes-blocked", "cycle", "plan", "blockage", "room"]),
                name="figure_section_figure_exists",
            ),
        ]


class PeopleSection(Section):
    """The doctors."""

    kind = "people"

    objects: ClassVar[models.Manager["PeopleSection"]]

    class Meta(Section.Meta):
        verbose_name = _("doctors")


class OfficesSection(Section):
    """The offices."""

    kind = "offices"

    objects: ClassVar[models.Manager["OfficesSection"]]

    class Meta(Section.Meta):
        verbose_name = _("offices")


class ReferencesSection(Section):
    """The page's sources that the doctor approved."""

    kind = "references"

    objects: ClassVar[models.Manager["ReferencesSection"]]

    class Meta(Section.Meta):
        verbose_name = _("sources")


class ActionSection(WordedSection):
    """The button that asks for an appointment, with a line above it."""

    kind = "action"

    objects: ClassVar[models.Manager["ActionSection"]]

    class Meta(WordedSection.Meta):
        verbose_name = _("call to action")


class ContentsSection(Section):
    """A list of links to the headings of the page."""

    kind = "contents"

    objects: ClassVar[models.Manager["ContentsSection"]]

    class Meta(Section.Meta):
        verbose_name = _("contents of this page")


SECTION_MODELS: tuple[type[Section], ...] = (
    TextSection,
    StepSection,
    CardSection,
    CareSection,
    FactSection,
    ComparisonSection,
    TopicSection,
    PricesSection,
    FigureSection,
    PeopleSection,
    OfficesSection,
    ReferencesSection,
    ActionSection,
    ContentsSection,
)
