"""Everything on record about consent for one number, as a page to print: who agreed to what words, when and where.
Must not change the ledger; who took it out is noted in the access log."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.admin import access_log, rights, words
from booking.messaging import consent
from booking.models import ConsentEvent, ContactNumber

TEMPLATE = "admin/booking/consent_export.html"


@dataclass(frozen=True)
class Evidence:
    """One line of the ledger: its facts in order, and the words as they were shown."""

    number: int
    facts: list[tuple[str | Promise, str]]
    wording: str
    language: str
    said: str


@require_safe
def one_number(http: HttpRequest, pk: int) -> HttpResponse:
    """The evidence of one number, oldest line first."""
    user = rights.must(http, "consents")
    number = get_object_or_404(ContactNumber, pk=pk)
    now = timezone.now()
    requests = list(number.requests.order_by("pk").values_list("pk", "reference"))
    access_log.exported(request_ids=[key for key, _reference in requests], by=user, at=now)
    lines = number.consent_events.select_related("recorded_by", "request").order_by("pk")
    context = {
        **admin.site.each_context(http),
        "title": _("Consent to texts: everything on record"),
        "phone": words.phone(number.number),
        "fingerprint": number.number_hash,
        "references": [f"{reference[:4]}-{reference[4:]}" for _key, reference in requests],
        "may_text": consent.may_text(number),
        "lines": [_evidence(place, line) for place, line in enumerate(lines, 1)],
        "printed_at": _instant(now),
        "printed_by": words.person(user),
    }
    return TemplateResponse(http, TEMPLATE, context)


def _evidence(place: int, line: ConsentEvent) -> Evidence:
    facts: list[tuple[str | Promise, str]] = [
        (_("What"), str(line.get_kind_display())),
        (_("When"), _instant(line.at)),
        (_("Where"), str(line.get_source_display())),
        (_("Page"), line.page),
        (_("Covers"), _("Texts about a request and a visit, no advertising") if line.wording else ""),
        (_("Field of the form"), line.field_value),
        (_("Version of the form"), line.form_version),
        (_("Pages behind the links, with their versions"), line.page_versions),
        (_("Network address, shortened"), line.network),
        (_("Browser"), line.browser),
        (_("Text’s id at the provider (SID)"), line.provider_id),
        (_("Request"), line.request.spaced_reference if line.request else ""),
        (_("Recorded by"), words.person(line.recorded_by) if line.recorded_by else ""),
        (_("Words"), f"{line.wording_id} {line.wording_version} ({line.wording_language})" if line.wording else ""),
        (_("Fingerprint of the words (SHA-256)"), f"{line.wording_hash} – {_proof(line)}" if line.wording else ""),
    ]
    return Evidence(
        place, [(name, value) for name, value in facts if value], line.wording, line.wording_language, line.said
    )


def _proof(line: ConsentEvent) -> str:
    """Whether the fingerprint fits the words as they stand in the ledger now."""
    fits = hashlib.sha256(line.wording.encode()).hexdigest() == line.wording_hash
    return _("checked, it fits") if fits else _("does not fit the words")


def _instant(at: datetime) -> str:
    """UTC for the record, and the clinic's wall time for people."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({words.when(at)})"
