"""Compares the provider's own list of accepted texts with what the site says. Must not believe the site: a text counts
as sent when the provider has it, and as lost when nobody at the desk was told that it has not."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from booking.messaging import reminder_times
from booking.messaging.gate import visit_of
from booking.models import AppointmentRequest, DeliveryReport, DeskTask, OutgoingMessage
from booking.simulator.store import Message
from tests.chaos.patients import Diary

State = OutgoingMessage.State
OVER = {State.DELIVERED, State.UNDELIVERED, State.FAILED, State.SUPPRESSED, State.CANCELLED}
# From the claim to the moment when the provider reads the call, on a machine that is under load.
ON_THE_WAY = timedelta(seconds=2)


@dataclass
class Verdict:
    """The figures of one run. Everything in `wrong` has to be zero."""

    messages: int = 0
    accepted: int = 0
    reminders: int = 0
    states: dict[str, int] = field(default_factory=dict)
    unknown_to_staff: int = 0
    calls_to_make: int = 0
    stops: int = 0
    reports: int = 0
    lost: int = 0
    doubled: int = 0
    after_stop: int = 0
    wrong_reminders: int = 0
    not_finished: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """What must not happen."""
        return self.lost + self.doubled + self.after_stop + self.wrong_reminders + self.not_finished

    def as_dict(self) -> dict[str, object]:
        """For the table and for a test."""
        return {**asdict(self), "wrong": self.wrong}


def judge(accepted: list[Message], diary: Diary) -> Verdict:
    """All figures. The site has come to rest."""
    rows = list(OutgoingMessage.objects.filter(channel="sms").select_related("request", "contact_number"))
    found = Verdict(messages=len(rows), accepted=len(accepted), stops=len(diary.stopped_at))
    found.states = dict(Counter(row.state for row in rows))
    found.reports = DeliveryReport.objects.count()
    _count_twins(found, accepted)
    taken = {(message.to, message.body): message for message in accepted}
    told = set(
        DeskTask.objects.filter(kind__in=("message_failed", "message_unknown")).values_list("request_id", flat=True)
    )
    found.calls_to_make = len(told)
    known = set(AppointmentRequest.objects.values_list("form_id", flat=True))
    for missing in diary.acknowledged - known:
        found.lost += 1
        found.details.append(f"request {missing} was acknowledged and is gone")
    for row in rows:
        number = row.contact_number.number if row.contact_number else ""
        message = taken.pop((number, row.body), None)
        _check_row(found, row, message, told=told)
        if message is not None:
            _check_time(found, row, message, diary)
    for message in taken.values():
        found.lost += 1
        found.details.append(f"{message.sid} was sent and no row knows of it")
    return found


def _count_twins(found: Verdict, accepted: list[Message]) -> None:
    for key, times in Counter((message.to, message.body) for message in accepted).items():
        if times > 1:
            found.doubled += times - 1
            when = [f"{m.created:%T.%f}" for m in accepted if (m.to, m.body) == key]
            found.details.append(f"sent {times} times to {key[0]}: {', '.join(when)}")


def _check_row(found: Verdict, row: OutgoingMessage, message: Message | None, *, told: set[int]) -> None:
    is_over = row.state in OVER or (row.state == State.SENT and row.finished_at is not None)
    on_the_list = row.request_id in told
    if row.state == State.UNKNOWN and row.finished_at is not None and on_the_list:
        found.unknown_to_staff += 1
    elif not is_over:
        found.not_finished += 1
        found.details.append(f"row {row.pk} ({row.kind}) rests as {row.state}/{row.reason}, attempts {row.attempts}")
    says_sent = row.state in (State.SENT, State.DELIVERED, State.UNDELIVERED)
    if says_sent and message is None:
        found.lost += 1
        found.details.append(f"row {row.pk} ({row.kind}) says {row.state} and the provider never had it")
    if row.state in (State.FAILED, State.UNDELIVERED) and not on_the_list:
        found.lost += 1
        found.details.append(f"row {row.pk} ({row.kind}) is {row.state} and nobody was told")
    if row.state in (State.FAILED, State.CANCELLED, State.SUPPRESSED) and message is not None:
        found.lost += 1
        found.details.append(f"row {row.pk} ({row.kind}) says {row.state}/{row.reason} and the patient got it")


def _check_time(found: Verdict, row: OutgoingMessage, message: Message, diary: Diary) -> None:
    stopped = diary.stopped_at.get(message.to)
    if stopped and ((row.claimed_at and row.claimed_at > stopped) or message.created > stopped + ON_THE_WAY):
        found.after_stop += 1
        found.details.append(
            f"row {row.pk} claimed {row.claimed_at:%T.%f}, taken {message.created:%T.%f}, stop {stopped:%T.%f}"
        )
    if row.kind in reminder_times.REMINDERS:
        found.reminders += 1
        visit = visit_of(row)
        ended = diary.ended_at.get((row.request_id, visit.version)) if visit else None
        if ended and ((row.claimed_at and row.claimed_at > ended) or message.created > ended + ON_THE_WAY):
            found.wrong_reminders += 1
            found.details.append(
                f"row {row.pk} reminds of a visit that had ended at {ended:%T.%f}: {row.claimed_at:%T.%f}"
            )
