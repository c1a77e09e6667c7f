"""What the check page lists: her answers in words, with the way to change each. Must not change anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking.forms import ContactForm, TimesForm, VisitForm
from booking.forms.contact import likely_email
from booking.forms.times import day_words
from booking.models import Service
from pages.facts import Facts


@dataclass(frozen=True)
class Row:
    """One line of a summary list."""

    key: str
    value: str
    change_url: str
    change_hidden: str
    is_optional: bool = False  # nobody waits for an answer: without one it needs no line of its own


def lists(chosen: VisitForm, when: TimesForm, who: ContactForm) -> list[tuple[str, list[Row]]]:
    """Visit, times, contact: heading and rows in the order of the pages."""
    return [
        (_("Visit"), _visit_rows(chosen)),
        (_("Times"), _folded(_times_rows(when))),
        (_("Contact"), _folded(_contact_rows(who))),
    ]


def _folded(rows: list[Row]) -> list[Row]:
    """What she left out on purpose is one row: seven of them pushed the button to the third screen of a phone."""
    blank = [row for row in rows if row.is_optional and not row.value]
    if not blank:
        return rows
    named = ", ".join(row.change_hidden for row in blank)
    rest = Row(_("Not given"), capfirst(named), blank[0].change_url, named)
    return [*(row for row in rows if row not in blank), rest]


def prices(services: Iterable[Service], known: Facts) -> dict[str, str]:
    """What each visit costs, by its key, from the facts of the pricing page. Unknown: left out."""
    found = {service.key: _price(service, known) for service in services}
    return {key: price for key, price in found.items() if price}


def _price(service: Service, known: Facts) -> str:
    return known.text(service.price_fact, language=get_language() or "en") if service.price_fact else ""


def price_lines(service: Service, known: Facts) -> list[str]:
    """The price in one line from the facts of the pricing page, when it is paid, the deposit. Unknown: left out."""
    language = get_language() or "en"
    price = _price(service, known)
    if not price:
        return []
    line = _("%(visit)s %(price)s.") % {"visit": service.name(language), "price": price}
    if service.needs_preparation:
        sedation = _("IV sedation costs extra.")
        line = f"{line} {sedation}"
    # How one pays at a visit in an office (by card, in cash) is not how one pays for a video call.
    rules = ("deposit_rule",) if service.setting == Service.Setting.VIDEO else ("payment_when", "deposit_rule")
    rest = [known.text(key, language=language) for key in rules]
    return [line, *(text for text in rest if text)]


def email_warning(who: ContactForm) -> dict[str, str] | None:
    """What was typed and what was probably meant."""
    typed = who.cleaned_data["email"]
    meant = likely_email(typed)
    change = _change("booking:contact", "div_id_email")
    return {"typed": typed, "meant": meant, "change_url": change} if meant else None


def _change(page: str, anchor: str) -> str:
    return f"{reverse(page)}?return=check#{anchor}"


def _label(form: Any, name: str) -> str:
    """The words of the chosen option of a radio group."""
    value = form.cleaned_data.get(name) or ""
    return str(dict(form.fields[name].choices).get(value, "")) if value else ""


def _visit_rows(chosen: VisitForm) -> list[Row]:
    url = "booking:request"
    return [
        Row(_("Visit"), _label(chosen, "visit"), _change(url, "id_visit"), _("visit")),
        Row(_("Office"), _label(chosen, "office"), _change(url, "id_office"), _("office")),
    ]


def _times_rows(when: TimesForm) -> list[Row]:
    url, values = "booking:times", when.cleaned_data
    days = "\n".join(day_words(day) for day in values.get("days", ()))
    rows = [
        Row(_("Can you choose days now?"), _label(when, "timing"), _change(url, "id_timing"), _("if you choose days"))
    ]
    if when.wants_days():
        rows = [Row(_("Days"), days, _change(url, "id_days"), _("days"))]
    return [
        *rows,
        Row(_("Time of day"), _label(when, "daypart"), _change(url, "id_daypart"), _("time of day"), True),
        Row(
            _("Dates you cannot come"), values["avoid"], _change(url, "div_id_avoid"), _("dates you cannot come"), True
        ),
    ]


def _contact_rows(who: ContactForm) -> list[Row]:
    url, values = "booking:contact", who.cleaned_data
    language = _label(who, "language")
    if values["other_language"] and values["language"] in ("", "other"):
        language = values["other_language"]
    picked = dict(who.fields["help"].choices)  # type: ignore[attr-defined]
    helps = "\n".join(str(picked[value]) for value in values["help"])
    texts = _("Yes") if values["sms_consent"] else _("No")
    best_time = _label(who, "best_time")
    # A number that is missing and texts without a yes stay in sight: they decide how we can reach her.
    return [
        Row(_("Full name"), values["name"], _change(url, "div_id_name"), _("full name")),
        Row(_("Phone number"), values["phone"], _change(url, "div_id_phone"), _("phone number")),
        Row(_("Texts"), texts, _change(url, "div_id_sms_consent"), _("texts")),
        Row(_("Email address"), values["email"], _change(url, "div_id_email"), _("email address"), True),
        Row(_("Contact by"), _label(who, "contact"), _change(url, "id_contact"), _("how we contact you")),
        Row(_("Best time to call"), best_time, _change(url, "id_best_time"), _("best time to call"), True),
        Row(_("Voice message"), _label(who, "voicemail"), _change(url, "id_voicemail"), _("voice message"), True),
        Row(_("Language"), language, _change(url, "id_language"), _("language"), True),
        Row(_("Help for your visit"), helps, _change(url, "id_help"), _("help for your visit"), True),
    ]
