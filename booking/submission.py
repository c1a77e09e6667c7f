"""Stores what somebody sent: the request row with its days, keyed hashes, number and consent. Must not change a
request that exists; booking/lifecycle.py calls it inside its transaction."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from booking import links, name_words
from booking.encryption import lookup_hash
from booking.messaging import consent
from booking.models import AppointmentRequest, ConsentEvent, RequestedDay, Service
from pages.models import Office

MOST_A_DAY_FOR_A_NUMBER = 5  # a family on one phone; nobody needs more
MOST_A_DAY = 300  # ten times a busy day of the clinic
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U, which people mix up


@dataclass(frozen=True)
class Answers:
    """The cleaned answers of the form. `phone_e164` is empty without a phone; `office` None means any office."""

    service: Service
    office: Office | None
    timing: str
    name: str
    contact: str
    days: tuple[date, ...] = ()
    daypart: str = AppointmentRequest.DayPart.ANY
    avoid: str = ""
    phone_typed: str = ""
    phone_e164: str = ""
    email: str = ""
    best_time: str = AppointmentRequest.BestTime.ANY
    sms_consent: bool = False
    voicemail: bool | None = None
    speaks: str = AppointmentRequest.Speaks.ENGLISH
    other_language: str = ""
    page_language: str = "en"
    interpreter: bool = False
    step_free: bool = False
    call_about_needs: bool = False


@dataclass(frozen=True)
class Evidence:
    """Where and how the answers were given, for the consent ledger. `network` is a shortened address; `field_value` is
    what the box sent; `language` is that of the words beside the box, if she sent the request in another; `spoken_to`
    is the member of staff who read the script to a caller."""

    page: str
    form_version: str
    network: str = ""
    browser: str = ""
    field_value: str = ""
    language: str = ""
    spoken_to: Any = None


def store_answers(
    *,
    answers: Answers,
    evidence: Evidence,
    form_id: str,
    now: datetime,
    source: str,
    network_hash: str,
    standing: dict[str, Any],
) -> tuple[AppointmentRequest, bool]:
    """The row for `form_id`, and whether this call made it. `standing`: what standing.at_first() says."""
    known = AppointmentRequest.objects.filter(form_id=form_id).first()
    if known is not None:
        return known, False
    number = consent.number_for(answers.phone_e164, now=now) if answers.phone_e164 else None
    try:
        with transaction.atomic():
            request = AppointmentRequest.objects.create(
                reference=new_reference(),
                form_id=form_id,
                link_hash=secrets.token_hex(32),
                contact_number=number,
                email_hash=email_hash(answers.email),
                last_acceptable_day=max(answers.days) if answers.days else None,
                consent_evidence=_consent_evidence(answers, evidence, now=now),
                consent_recorded_by=evidence.spoken_to,
                created_at=now,
                source=source,
                network_hash=network_hash,
                **standing,
                **_columns(answers),
            )
    except IntegrityError:
        first = AppointmentRequest.objects.filter(form_id=form_id).first()
        if first is None:
            raise
        return first, False  # the same form sent twice at the same moment: the other one was first
    request.link_hash = links.stored_hash(links.token(request))
    request.save(update_fields=["link_hash"])
    RequestedDay.objects.bulk_create(RequestedDay(request=request, day=day) for day in sorted(set(answers.days)))
    name_words.store(request.pk, answers.name)
    return request, True


def over_a_cap(*, answers: Answers, now: datetime) -> str:
    """Which cap on requests from the website a further one would break, or empty.

    The danger is a stranger's phone or mailbox that fills with our messages. A request over a cap is kept and looked
    at by staff; it sends nothing until they release it.
    """
    today = AppointmentRequest.objects.filter(
        source=AppointmentRequest.Source.WEB, created_at__gt=now - timedelta(hours=24)
    )
    if answers.phone_e164:
        same_number = today.filter(contact_number__number_hash=lookup_hash("phone", answers.phone_e164))
        if same_number.count() >= MOST_A_DAY_FOR_A_NUMBER:
            return "many_for_number"
    if answers.email:
        same_email = today.filter(email_hash=email_hash(answers.email))
        if same_email.count() >= MOST_A_DAY_FOR_A_NUMBER:
            return "many_for_email"
    return "many_today" if today.count() >= MOST_A_DAY else ""


def grant_consent(request: AppointmentRequest, *, now: datetime) -> None:
    """Write the consent that was given with the request into the ledger, if any was."""
    given = request.consent_evidence
    if not given or request.contact_number is None:
        return
    spoken_to = request.consent_recorded_by
    consent.grant(
        number=request.contact_number,
        request=request,
        language=given["language"],
        page=given["page"],
        form_version=given["form_version"],
        network=given["network"],
        # Kept by requests that were sent before these were known.
        browser=given.get("browser", ""),
        field_value=given.get("field_value", ""),
        source=ConsentEvent.Source.STAFF if spoken_to else ConsentEvent.Source.FORM,
        # What waited in quarantine was agreed to when it was sent.
        now=datetime.fromisoformat(given["at"]) if "at" in given else now,
        recorded_by=spoken_to,
    )


def recent_from(network_hash: str, *, now: datetime) -> int:
    """How many requests came from this network address in the last hour."""
    if not network_hash:
        return 0
    recent = AppointmentRequest.objects.filter(network_hash=network_hash, created_at__gt=now - timedelta(hours=1))
    return recent.count()


def email_hash(email: str) -> str:
    """What a mailbox is found by; none, nothing."""
    return lookup_hash("email", email.lower()) if email else ""


def new_reference() -> str:
    """Eight characters that can be read out on the phone; 30 to the 8th, checked against what exists."""
    while True:
        reference = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
        if not AppointmentRequest.objects.filter(reference=reference).exists():
            return reference


def _consent_evidence(answers: Answers, evidence: Evidence, *, now: datetime) -> dict[str, str] | None:
    if not answers.sms_consent or not answers.phone_e164:
        return None
    return {
        "language": evidence.language or answers.page_language,
        "page": evidence.page,
        "form_version": evidence.form_version,
        "network": evidence.network,
        "browser": evidence.browser[:200],
        "field_value": evidence.field_value,
        "at": now.isoformat(),
    }


def _columns(answers: Answers) -> dict[str, Any]:
    same = (
        "service office timing daypart avoid name phone_typed email contact best_time voicemail speaks "
        "other_language page_language interpreter step_free call_about_needs"
    )
    return {name: getattr(answers, name) for name in same.split()}
