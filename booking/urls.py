"""Which view answers which address of the request and of the patient's own pages. Must not hold a view.

The flow has one address per language, English at the root and Spanish under /es/. The route is chosen when an address
is matched or reversed, by the active language (clinic_site's LanguageFromPathMiddleware reads it from the path), so
one list and one namespace serve both. Links in messages (/r/…) and webhooks have one address: their language is the
request's.
"""

from django.urls import path
from django.utils.functional import lazy
from django.utils.translation import get_language

from booking.views import doctor, her_times, patient, request, twilio_webhooks

app_name = "booking"

# English address: Spanish address. Part of the public interface.
SPANISH = {
    "request/": "es/solicitud/",
    "request/times/": "es/solicitud/fechas/",
    "request/contact/": "es/solicitud/contacto/",
    "request/check/": "es/solicitud/revisar/",
    "request/sent/": "es/solicitud/enviada/",
    "find-request/": "es/buscar-solicitud/",
}


def _in_active_language(english: str) -> str:
    return SPANISH[english] if get_language() == "es" else english


_per_language = lazy(_in_active_language, str)

urlpatterns = [
    # First: called in crowds.
    path("twilio/status/", twilio_webhooks.status, name="twilio_status"),
    path("twilio/inbound/", twilio_webhooks.inbound, name="twilio_inbound"),
    path(_per_language("request/"), request.visit, name="request"),
    path(_per_language("request/times/"), request.times, name="times"),
    path(_per_language("request/contact/"), request.contact, name="contact"),
    path(_per_language("request/check/"), request.check, name="check"),
    path(_per_language("request/sent/"), request.sent, name="sent"),
    path(_per_language("find-request/"), patient.find, name="find"),
    path("r/<str:token>/", patient.status, name="status"),
    path("r/<str:token>/days/", patient.days, name="days"),
    path("r/<str:token>/plan/", patient.plan, name="plan"),
    path("r/<str:token>/calendar.ics", patient.calendar, name="calendar"),
    path("r/<str:token>/cancel/", patient.cancel, name="cancel"),
    path("r/<str:token>/accept/", her_times.accept, name="accept"),
    path("r/<str:token>/other-times/", her_times.turn_down, name="turn_down"),
    path("r/<str:token>/change/", her_times.change, name="change"),
    path("r/<str:token>/keep/", her_times.keep, name="keep"),
    path("r/<str:token>/release/", her_times.release, name="release"),
    path("r/<str:token>/stop-texts/", patient.stop_texts, name="stop_texts"),
    path("calendar/<str:token>.ics", doctor.calendar, name="doctor_calendar"),
]
