"""How to get ready for one visit, with real dates. Must not read today's facts: a confirmed visit keeps the facts
that were copied onto it, so that a later change of a fact never moves somebody's medicine silently."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from booking.models import Visit
from pages import opening


@dataclass(frozen=True)
class PlanStep:
    """One line of the plan. `day` is a local date or None (as soon as possible); `time` is words or empty."""

    kind: str
    day: date | None
    time: str
    title: str
    body: str


def plan(visit: Visit, *, language: str) -> list[PlanStep]:
    """The steps of a visit in order of time, in `language`. Without preparation: only the visit itself."""
    with translation.override(language):
        return _steps(visit)


def first_medicine_day(visit: Visit) -> date | None:
    """The local date of the first antibiotic dose, or None where the visit needs none."""
    before = visit.facts.get("antibiotic_start_days_before")
    return None if before is None else _local(visit.starts_at).date() - timedelta(days=before)


def _steps(visit: Visit) -> list[PlanStep]:
    local = _local(visit.starts_at)
    first = first_medicine_day(visit)
    steps: list[PlanStep] = []
    if first is not None:
        steps += _medicine(visit, local=local, first=first)
    hours = visit.facts.get("pain_relief_hours_before")
    if hours is not None:
        at = _local(visit.starts_at - timedelta(hours=hours))
        steps.append(
            PlanStep(
                "pain_relief",
                at.date(),
                _clock(at),
                _("Pain reliever, if you want one"),
                _("You can take ibuprofen or acetaminophen, if they are safe for you. Not sure? Ask us first."),
            )
        )
    steps.append(_visit_step(visit, local=local))
    if first is not None:
        total = visit.facts.get("antibiotic_total_days")
        if total:
            last = first + timedelta(days=total - 1)
            steps.append(
                PlanStep(
                    "antibiotic_last",
                    last,
                    "",
                    _("Last antibiotic day"),
                    _(
                        "The antibiotic ends on this day. If the label on your bottle says something else, follow the "
                        "label and call us."
                    ),
                )
            )
    return steps


def _medicine(visit: Visit, *, local: datetime, first: date) -> list[PlanStep]:
    total = visit.facts.get("antibiotic_total_days") or 0
    length = ngettext("for %(count)d day in all", "for %(count)d days in all", total) % {"count": total}
    return [
        PlanStep(
            "prescription",
            None,
            "",
            _("Get your medicine"),
            _("First tell us about any allergy to medicine. Then fill the prescription right away."),
        ),
        PlanStep(
            "antibiotic_first",
            first,
            "",
            _("First antibiotic day"),
            _("Start the antibiotic on this day. Take it %(length)s.") % {"length": length}
            if total
            else _("Start the antibiotic on this day."),
        ),
    ]


def _visit_step(visit: Visit, *, local: datetime) -> PlanStep:
    arrive = visit.facts.get("arrive_minutes_before")
    body = ""
    if visit.facts:
        body = _("Wear easy clothes and bring a pad. We do a pregnancy test first.")
    if arrive:
        early = _clock(_local(visit.starts_at - timedelta(minutes=arrive)))
        come = _("Come at %(time)s.") % {"time": early}
        body = f"{come} {body}".strip()
    return PlanStep("visit", local.date(), _clock(local), _("Your visit"), body)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(settings.TIME_ZONE))


def _clock(local: datetime) -> str:
    return opening.clock(local.time(), get_language() or "en")
