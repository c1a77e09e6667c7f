"""The consent ledger: who may be texted, and the exact words they agreed to. Must not send anything.

The ledger is only ever added to; the newest line of a number is its state. A tick in a form never undoes an earlier
STOP: only START by text does, or staff with a spoken wish on record (Twilio's own block then still needs START). A
number that a call showed to be wrong is undone by a spoken wish alone: a form may name it once more by the same
mistake, and START may come from whoever has it.
The words follow the carriers' rules for a web opt-in: brand, purpose, frequency, the exact line on rates, STOP, HELP,
and that agreeing is not a condition.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from booking.encryption import lookup_hash
from booking.models import AppointmentRequest, ConsentEvent, ContactNumber
from pages import published
from pages.models import Publication

Kind, Source = ConsentEvent.Kind, ConsentEvent.Source
# What the links beside the box lead to: part of what she agreed to.
_LINKED_PAGES = ("privacy", "text-messages")


@dataclass(frozen=True)
class BoxWording:
    """One version of the words of consent in one language. `label` stands at the box, `disclosure` under it."""

    id: str
    version: int
    language: str
    label: str
    disclosure: str

    @property
    def text(self) -> str:
        """All of it, as the ledger keeps it."""
        return f"{self.label}\n{self.disclosure}"

    @property
    def sha256(self) -> str:
        """A fingerprint of the text, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


# A changed word is a new version: what an earlier patient saw must stay what the ledger says she saw.
_BOX = {
    "en": BoxWording(
        id="sms-box",
        version=1,
        language="en",
        label="Yes, text me about this request and my appointment (optional)",
        disclosure=(
            "Texts come from CVI at the number above. They are about setting a time, changes and reminders. "
            "Message frequency varies. Message and data rates may apply. Reply STOP to opt out or HELP for help. "
            "You do not need to agree to this to request an appointment. "
            "Texts are not encrypted, so we keep details out of them."
        ),
    ),
    "es": BoxWording(
        id="sms-box",
        version=2,
        language="es",
        label="Sí, mándenme mensajes de texto sobre esta solicitud y mi cita (opcional)",
        disclosure=(
            "Los mensajes vienen de CVI al número de arriba. Son para fijar la hora de su cita, "
            "avisarle de cambios y recordársela. "
            "La frecuencia de los mensajes varía. Pueden aplicarse tarifas de mensajes y datos. "
            "Responda STOP para dejar de recibirlos o HELP para ayuda. "
            "No necesita aceptar esto para pedir una cita. "
            "Los mensajes de texto no están cifrados, por eso no ponemos detalles en ellos."
        ),
    ),
}
_SCRIPT = {
    "en": BoxWording(
        id="sms-script",
        version=1,
        language="en",
        label="May we text you at this number about your request and your appointment?",
        disclosure=(
            "The texts come from CVI. Message frequency varies. Message and data rates may apply. "
            "You can reply STOP at any time to end them, or HELP for help. You do not need to agree to get an "
            "appointment. Texts are not encrypted, so we keep details out of them."
        ),
    ),
    "es": BoxWording(
        id="sms-script",
        version=1,
        language="es",
        label="¿Podemos enviarle mensajes de texto a este número sobre su solicitud y su cita?",
        disclosure=(
            "Los mensajes vienen de CVI. La frecuencia varía. Pueden aplicarse tarifas de mensajes y datos. "
            "Puede responder STOP en cualquier momento para dejar de recibirlos, o HELP para ayuda. "
            "No necesita aceptar para tener una cita. "
            "Los mensajes no están cifrados, por eso no ponemos detalles en ellos."
        ),
    ),
}


def box(language: str) -> BoxWording:
    """The words at the box of the form."""
    return _BOX["es" if language == "es" else "en"]


def script(language: str) -> BoxWording:
    """The words that staff read to a caller."""
    return _SCRIPT["es" if language == "es" else "en"]


def page_versions(language: str, *, now: datetime) -> str:
    """The versions of the privacy page and the page on texts that are live in this language: “privacy 3, …”."""
    rows = Publication.objects.filter(page__key__in=_LINKED_PAGES, language=language)
    live = published.live_now(rows.annotate(key=F("page__key"), number=F("version__number")), now=now)
    return ", ".join(sorted(f"{row.key} {row.number}" for row in live))


def number_for(e164: str, *, now: datetime) -> ContactNumber:
    """The one row of a number, made when it is new; a number that was deleted and comes back is filled in again."""
    number, _ = ContactNumber.objects.get_or_create(
        number_hash=lookup_hash("phone", e164),
        defaults={"number": e164, "last_four_hash": lookup_hash("last4", e164[-4:]), "created_at": now},
    )
    if number.number == "":
        number.number, number.last_four_hash = e164, lookup_hash("last4", e164[-4:])
        number.save(update_fields=["number", "last_four_hash"])
    return number


def newest(number: ContactNumber) -> ConsentEvent | None:
    """The line that counts."""
    return number.consent_events.order_by("-pk").first()


def _locked(number: ContactNumber) -> None:
    """Put what is said about one number in a line: a tick that races with a STOP must see it. (SQLite: the
    transaction itself holds the lock.)"""
    # no_key: a message or line that is being added only needs the number to stay, and must not wait for us while we
    # wait for it. PostgreSQL ends such a pair by an error.
    ContactNumber.objects.select_for_update(no_key=True).get(pk=number.pk)


def may_text(number: ContactNumber | None) -> bool:
    """Whether a text may go to this number now. No line means no."""
    line = newest(number) if number is not None else None
    return line is not None and line.kind in (Kind.GRANTED, Kind.RESTARTED)


def is_wrong(number: ContactNumber | None) -> bool:
    """Whether a call showed that somebody else has this number, and nobody was reached there and agreed since. A STOP
    or START of whoever has it changes nothing about that."""
    if number is None:
        return False
    line = number.consent_events.exclude(kind=Kind.STOPPED).order_by("-pk").first()
    return line is not None and line.kind == Kind.WRONG


def may_text_in_line(number: ContactNumber | None) -> bool:
    """The same for a claim, in its transaction: a STOP that is being written is waited for, and one that comes now
    waits until the claim is committed. Without it a STOP could be stored between the answer and the claim."""
    if number is not None:
        _locked(number)
    return may_text(number)


@transaction.atomic
def grant(
    *,
    number: ContactNumber,
    request: AppointmentRequest | None,
    language: str,
    page: str,
    form_version: str,
    network: str,
    source: str,
    now: datetime,
    field_value: str = "",
    browser: str = "",
    recorded_by: Any = None,
) -> bool:
    """Record that somebody agreed. Returns whether texts may be sent after it.

    False, and no line, when a STOP or a wrong number stands and a form is the source. No second line for the same
    wording while it is in force.
    """
    _locked(number)
    wording = script(language) if source == Source.STAFF else box(language)
    line = newest(number)
    if line is not None and line.kind in (Kind.STOPPED, Kind.WRONG) and source != Source.STAFF:
        return False
    if line is not None and line.kind == Kind.GRANTED and line.wording_hash == wording.sha256:
        return True
    ConsentEvent.objects.create(
        contact_number=number,
        request=request,
        kind=Kind.GRANTED,
        source=source,
        at=now,
        wording_id=wording.id,
        wording_version=wording.version,
        wording_language=wording.language,
        wording=wording.text,
        wording_hash=wording.sha256,
        page=page,
        form_version=form_version,
        field_value=field_value[:60],
        page_versions=page_versions(wording.language, now=now) if source == Source.FORM else "",
        network=network,
        browser=browser[:200],
        recorded_by=recorded_by,
    )
    return True


@transaction.atomic
def stop(
    *,
    number: ContactNumber,
    source: str,
    now: datetime,
    request: AppointmentRequest | None = None,
    said: str = "",
    provider_id: str = "",
    network: str = "",
    browser: str = "",
    recorded_by: Any = None,
) -> None:
    """Record a wish to get no more texts, said in any way. Repeating it adds a line only if it changed something, or
    was said on the page of another request: that page must look the same whether or not the number was known."""
    _locked(number)
    line = newest(number)
    here = number.consent_events.filter(request=request, kind=Kind.STOPPED)
    is_elsewhere = source == Source.PAGE and not here.exists()
    if line is not None and line.kind == Kind.STOPPED and not is_elsewhere:
        return
    ConsentEvent.objects.create(
        contact_number=number,
        request=request,
        kind=Kind.STOPPED,
        source=source,
        at=now,
        said=said,
        provider_id=provider_id,
        network=network,
        browser=browser[:200],
        recorded_by=recorded_by,
    )


@transaction.atomic
def restart(*, number: ContactNumber, source: str, now: datetime, said: str = "", provider_id: str = "") -> bool:
    """Record START after a STOP. Without an earlier consent START grants nothing: no wording was ever agreed to. At a
    wrong number it is not the patient who says it."""
    _locked(number)
    line = newest(number)
    if line is None or line.kind != Kind.STOPPED or not number.consent_events.filter(kind=Kind.GRANTED).exists():
        return False
    if is_wrong(number):
        return False
    ConsentEvent.objects.create(
        contact_number=number, kind=Kind.RESTARTED, source=source, at=now, said=said, provider_id=provider_id
    )
    return True


@transaction.atomic
def mark_wrong(*, number: ContactNumber, request: AppointmentRequest | None, now: datetime, recorded_by: Any) -> None:
    """Record that a call reached somebody who is not the patient. Not her wish, and so no STOP. Repeating it adds no
    line."""
    _locked(number)
    line = newest(number)
    if line is None or line.kind != Kind.WRONG:
        ConsentEvent.objects.create(
            contact_number=number, request=request, kind=Kind.WRONG, source=Source.CALL, at=now, recorded_by=recorded_by
        )
