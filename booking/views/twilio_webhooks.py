"""What Twilio calls: delivery reports and texts from patients. Checks the signature, then hands over.

POST only; never a redirect (Twilio would follow with GET and lose the form); junk in a signed call is answered 2xx
and logged without its content, because an error would only make Twilio call again.
"""

import logging

import phonenumbers
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from booking.messaging import inbound as inbox
from booking.messaging import reports, twilio

logger = logging.getLogger("booking.twilio")

_NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """A delivery report. Only stored here, ours or not: the worker reads it within seconds."""
    if not twilio.signature_is_valid(request):
        return HttpResponseForbidden()
    reports.store(
        provider_id=request.POST.get("MessageSid", ""),
        status=request.POST.get("MessageStatus", ""),
        error=request.POST.get("ErrorCode", ""),
        callback_key=request.GET.get("m", ""),
        now=timezone.now(),
    )
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """A text from a patient."""
    if not twilio.signature_is_valid(request):
        return HttpResponseForbidden()
    number = _e164(request.POST.get("From", ""))
    provider_id = request.POST.get("MessageSid", "")
    if number and provider_id.isascii() and provider_id.isalnum() and len(provider_id) <= 40:
        inbox.receive(
            provider_id=provider_id,
            from_number=number,
            body=request.POST.get("Body", "").replace("\x00", "")[:1600],
            keyword=request.POST.get("OptOutType", "").replace("\x00", ""),
            now=timezone.now(),
        )
    else:
        logger.warning("A signed text without a usable number or id.")
    return HttpResponse(_NO_REPLY, content_type="text/xml; charset=utf-8")


def _e164(value: str) -> str:
    try:
        parsed = phonenumbers.parse(value[:40], "US")
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
