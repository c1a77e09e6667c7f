"""The exact words that a press of a button will send, or why nothing is sent. Must not queue or send anything: it asks
the same function that fills the outbox."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.messaging import consent, wording
from booking.messaging.addressing import Draft, drafts
from booking.models import AppointmentRequest, OutgoingMessage, Visit


@dataclass(frozen=True)
class Preview:
    """One message as it will go out; `body` is empty when none does, and `note` says why or how long it is."""

    body: str = ""
    subject: str = ""
    note: str = ""
    language: str = "en"
    must_call: bool = False  # it is news, and no message can tell it


def of(
    asked: AppointmentRequest,
    *,
    kind: str,
    starts_at: datetime | None = None,
    office_id: int | None = None,
    until: datetime | None = None,
) -> Preview:
    """What `kind` says to this patient, on the channel the outbox would choose now. `until`: the end of an offer."""
    visit = None if starts_at is None else Visit(request=asked, starts_at=starts_at, office_id=office_id)
    found = drafts(request=asked, kind=kind, visit=visit, until=until)
    if not found:
        return Preview(note=_why_none(asked), must_call=True)
    draft = found[0]
    note = f"{_size(draft)} · {_('and a copy by email')}" if len(found) > 1 else _size(draft)
    return Preview(draft.body, draft.subject, note, draft.language)


def of_cancelling(asked: AppointmentRequest, *, visit: Visit | None) -> Preview:
    """What cancelling says: a message only when there is a visit to cancel."""
    if visit is None:
        return Preview(note=_("No message is sent."))
    return of(asked, kind="cancelled", starts_at=visit.starts_at, office_id=visit.office_id)


def _why_none(asked: AppointmentRequest) -> str:
    if consent.is_wrong(asked.contact_number):
        return _("No message is sent: the phone number is wrong and there is no email address.")
    return _("No message is sent: no consent to texts and no email address. Call the patient.")


def _size(draft: Draft) -> str:
    if draft.channel == OutgoingMessage.Channel.EMAIL:
        return _("Email")
    # How letters are packed is the provider's business; that a long text is paid for more than once is the clinic's.
    _encoding, count = wording.segments(draft.body)
    paid = ngettext("paid for as %(count)d text", "paid for as %(count)d texts", count) % {"count": count}
    return _("Text, %(length)d characters, %(paid)s") % {"length": len(draft.body), "paid": paid}
