"""Finds out what became of a message whose outcome is unknown. Must not send or write anything: it asks and judges.

The provider is asked twice, minutes apart, because a message that it took a moment ago may not be listed yet. Only
when both lists lack it was it never taken. A provider that cannot be asked is asked again for a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.messaging import twilio
from booking.models import DeliveryReport, OutgoingMessage

FIRST_LOOK = timedelta(minutes=1)
# Between our clock and the provider's. Ids of our other rows are left out, so a wide margin finds no wrong text,
# while a narrow one overlooks the right one, which is then sent twice.
CLOCK_MARGIN = timedelta(minutes=15)
SECOND_LOOK_AFTER = timedelta(minutes=6)  # after the attempt; the call itself ends after seconds
BETWEEN_LOOKS = timedelta(minutes=5)
ASK_AT_MOST = timedelta(hours=24)


@dataclass(frozen=True)
class Verdict:
    """One of: it was taken (`accepted`); look again later; it was never taken; or, with none of these, give up."""

    accepted: twilio.Accepted | None = None
    look_again_at: datetime | None = None
    was_never_taken: bool = False


def look(row: OutgoingMessage, *, now: datetime) -> Verdict:
    """Ask the provider for the message of this row (state unknown, SMS)."""
    since = row.claimed_at or row.created_at
    if told := DeliveryReport.objects.filter(callback_key=str(row.callback_key)).order_by("pk").last():
        # It carries our key: the provider has the message, whether or not anybody has read the report.
        return Verdict(accepted=twilio.Accepted(told.provider_id, "", told.status, told.error))
    if row.contact_number is None or not row.contact_number.number:
        return Verdict()  # the number was deleted meanwhile: nobody can be asked
    try:
        # Since the row exists, not since the last try: an earlier try may surface late.
        since_ever = row.created_at - CLOCK_MARGIN
        listed = twilio.find(to=row.contact_number.number, body=row.body, since=since_ever)
    except (twilio.SendRefused, twilio.OutcomeUnknown):
        return Verdict(look_again_at=now + BETWEEN_LOOKS) if now < since + ASK_AT_MOST else Verdict()
    known = OutgoingMessage.objects.filter(provider_id__in=[found.provider_id for found in listed])
    taken = set(known.values_list("provider_id", flat=True))
    fresh = [found for found in listed if found.provider_id not in taken]
    if fresh:
        return Verdict(accepted=fresh[0])
    if now < since + SECOND_LOOK_AFTER:
        return Verdict(look_again_at=max(now + FIRST_LOOK, since + SECOND_LOOK_AFTER))
    return Verdict(was_never_taken=True)


def message_of(*, provider_id: str, callback_key: str) -> OutgoingMessage | None:
    """The row a report is about: by the provider's id, or by our own key while the row has no other id."""
    return messages_of([(provider_id, callback_key)]).get((provider_id, callback_key))


def messages_of(told: Iterable[tuple[str, str]]) -> dict[tuple[str, str], OutgoingMessage]:
    """The same for many reports, each the provider's id and our own key (empty: it named none), with two questions
    for all of them. Those about nothing of ours are missing."""
    told = set(told)
    rows = OutgoingMessage.objects.select_related("request", "contact_number")
    by_id = {row.provider_id: row for row in rows.filter(provider_id__in={provider_id for provider_id, _ in told})}
    keys = {key for provider_id, key in told if key and provider_id not in by_id}
    by_key = {str(row.callback_key): row for row in rows.filter(callback_key__in=keys, provider_id__isnull=True)}
    found = {one: by_id.get(one[0]) or by_key.get(one[1]) for one in told}
    return {one: row for one, row in found.items() if row is not None}
