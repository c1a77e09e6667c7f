"""What is known about one request, in words: contact, answers, timeline, messages, consent. Must change nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from booking import unplaced
from booking.admin import words
from booking.forms.phone import extension
from booking.messaging import consent
from booking.models import AppointmentRequest, ConsentEvent, DeclineReason, DeskTask, IncomingText, RequestEvent

MOST_OTHERS = 10


@dataclass(frozen=True)
class Contact:
    """How to reach her, ready to read out."""

    phone: str
    phone_href: str
    wish: str
    language: str
    voicemail: str
    texts: str
    may_text: bool
    was_stopped: bool
    is_wrong: bool
    script: str
    script_language: str


@dataclass(frozen=True)
class Answer:
    """One question of the form with its answer; skipped ones say so."""

    question: str
    answer: str
    is_skipped: bool = False


@dataclass(frozen=True)
class ToDo:
    """One open task, and the texts that it is about."""

    pk: int
    what: str
    opened_at: datetime
    why: list[str]
    about: int  # how many texts it is about


@dataclass(frozen=True)
class Line:
    """One line of a history."""

    at: datetime
    what: str | Promise
    who: str
    detail: str = ""
    tone: str = ""
    placed: int = 0  # the key of a text that staff put here, and can take away again


def contact(asked: AppointmentRequest) -> Contact:
    """The contact card."""
    number = asked.contact_number
    line = consent.newest(number) if number else None
    newest = line.kind if line else None
    is_wrong = newest not in (None, ConsentEvent.Kind.GRANTED) and consent.is_wrong(number)
    language = "es" if asked.speaks == AppointmentRequest.Speaks.SPANISH else asked.page_language
    wish = str(asked.get_contact_display())
    if asked.contact == AppointmentRequest.Contact.PHONE:
        wish = _("%(wish)s, %(time)s") % {"wish": wish, "time": str(asked.get_best_time_display()).lower()}
    return Contact(
        phone=words.phone(number.number, extension=extension(asked.phone_typed)) if number else "",
        phone_href=f"tel:{number.number}" if number and number.number else "",
        wish=wish,
        language=words.language(asked),
        voicemail=words.voicemail(asked),
        texts=words.texts(ConsentEvent.Kind.WRONG if is_wrong else newest),
        may_text=consent.may_text(number),
        was_stopped=newest == ConsentEvent.Kind.STOPPED,
        is_wrong=is_wrong,
        script=consent.script(language).text,
        script_language=language,
    )


def answers(asked: AppointmentRequest) -> list[Answer]:
    """The answers in the order in which the patient gave them."""
    days = " · ".join(words.long_day(row.day) for row in asked.days.all())
    yes_no = {True: _("Yes"), False: _("No"), None: ""}
    needs = [
        (asked.interpreter, _("Interpreter")),
        (asked.step_free, _("Step-free access")),
        (asked.call_about_needs, _("Call about other needs")),
    ]
    pairs = [
        (_("Visit"), str(asked.service)),
        (_("Office"), str(asked.office) if asked.office else _("Any office")),
        (_("Can choose days"), str(asked.get_timing_display())),
        (_("Days"), days),
        (_("Time of day"), str(asked.get_daypart_display())),
        (_("Dates that do not work"), asked.avoid),
        (_("Full name"), asked.name),
        (_("Phone"), asked.phone_typed),
        (_("Email"), asked.email),
        (_("Wants"), str(asked.get_contact_display())),
        (_("Best time to call"), str(asked.get_best_time_display())),
        (_("Voice message"), yes_no[asked.voicemail]),
        (_("Speaks"), words.language(asked)),
        (_("Needs"), ", ".join(name for wanted, name in needs if wanted)),
        (_("Came by"), str(asked.get_source_display())),
    ]
    return [Answer(question, answer or _("Not given"), is_skipped=not answer) for question, answer in pairs]


def others(asked: AppointmentRequest) -> list[AppointmentRequest]:
    """Other requests of the same phone number or mailbox, newest first."""
    same = Q(pk__in=[])
    if asked.contact_number_id is not None:
        same |= Q(contact_number=asked.contact_number_id)
    if asked.email_hash:
        same |= Q(email_hash=asked.email_hash)
    found = AppointmentRequest.objects.filter(same).exclude(pk=asked.pk)
    return list(found.select_related("service").order_by("-pk")[:MOST_OTHERS])


def of(asked: AppointmentRequest) -> dict[str, Any]:
    """Open tasks and the three histories, newest first."""
    tasks = list(asked.tasks.open().prefetch_related("messages", "texts"))
    return {
        "tasks": [_to_do(task) for task in tasks],
        # What a call that reaches her finishes with the tasks that ask for one; a text to be read is not among it.
        "texts_to_talk_about": sum(len(task.texts.all()) for task in tasks if task.kind != DeskTask.Kind.READ_TEXT),
        "timeline": [_event(row) for row in asked.events.select_related("actor").order_by("-at", "-pk")],
        "message_lines": sorted([*_messages(asked), *_incoming(asked)], key=lambda line: line.at, reverse=True),
        "consent_lines": _consents(asked),
    }


def _to_do(task: DeskTask) -> ToDo:
    """A task about messages says which one did not arrive, and why; one about her texts, what she wrote."""
    lost = [
        f"{words.kind_words(row.kind)}: {words.delivery_reason(row) or row.get_state_display()}"
        for row in task.messages.all()
    ]
    wrote = [f"“{text.body}”" for text in task.texts.all() if text.body]
    about = len(task.messages.all()) + len(task.texts.all())
    return ToDo(task.pk, str(task.get_kind_display()), task.opened_at, [*lost, *wrote], about)


def calls(asked: AppointmentRequest) -> list[Line]:
    """The calls about it, newest first."""
    rows = asked.calls.select_related("by").order_by("-at", "-pk")
    return [Line(row.at, row.get_outcome_display(), words.person(row.by)) for row in rows]


def _event(row: RequestEvent) -> Line:
    who = words.person(row.actor) if row.actor else str(row.get_actor_kind_display())
    return Line(row.at, words.event_words(row.verb), who, row.note)


def _messages(asked: AppointmentRequest) -> list[Line]:
    found = []
    for row in asked.messages.order_by("-created_at", "-pk"):
        tone = "bad" if row.state in words.NOT_ARRIVED else ""
        channel = str(row.get_channel_display())
        found.append(Line(row.created_at, words.kind_words(row.kind), channel, words.delivery(row), tone))
    return found


def _incoming(asked: AppointmentRequest) -> list[Line]:
    """What she wrote, word for word: somebody has to read it; also what staff placed here from another number."""
    placed = unplaced.placed_at(asked)  # their keys first: PostgreSQL reads the whole table for an OR with a subquery
    own = Q(pk__in=[]) if asked.contact_number_id is None else Q(contact_number=asked.contact_number_id)
    rows = IncomingText.objects.filter(own | Q(pk__in=placed)).select_related("contact_number")
    return [_wrote(row, asked) for row in rows.order_by("-received_at", "-pk")]


def _wrote(row: IncomingText, asked: AppointmentRequest) -> Line:
    what = _("From the patient")
    if row.contact_number_id != asked.contact_number_id:
        what = _("From another number, %(phone)s") % {"phone": words.phone(row.contact_number.number)}
    placed = row.pk if unplaced.was_put_there(row, asked) else 0
    return Line(row.received_at, what, str(row.get_meaning_display()), row.body, placed=placed)


def _consents(asked: AppointmentRequest) -> list[Line]:
    if asked.contact_number is None:
        return []
    rows = asked.contact_number.consent_events.select_related("recorded_by").order_by("-pk")
    found = []
    for row in rows:
        version = _("Words: %(id)s, version %(version)s") % {"id": row.wording_id, "version": row.wording_version}
        who = words.person(row.recorded_by) if row.recorded_by else ""
        source = " ".join(part for part in (str(row.get_source_display()), who) if part)
        found.append(Line(row.at, row.get_kind_display(), source, row.said or (version if row.wording_id else "")))
    return found


def decline_words(asked: AppointmentRequest) -> str:
    """Why it was declined, as the patient reads it."""
    return str(dict(DeclineReason.choices).get(asked.status_reason, ""))
