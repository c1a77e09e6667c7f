"""The page on which staff correct a name, phone or email that was misheard. Must not change a row itself
(booking/contact_details.py does)."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import actors, contact_details
from booking.admin import access_log, history, rights, screen, verbs, words
from booking.contact_details import Corrected, Details
from booking.forms import FORM_VERSION
from booking.messaging import consent
from booking.models import AppointmentRequest
from booking.staff_forms import CorrectionForm
from booking.submission import Evidence

TEMPLATE = "admin/booking/appointmentrequest/correct.html"


@require_http_methods(["GET", "HEAD", "POST"])
def correct(http: HttpRequest, pk: int) -> HttpResponse:
    """The form as it stands there now; saved, the screen of the request says what became of it."""
    user = rights.must(http, "correct")
    asked = get_object_or_404(screen.rows(), pk=pk)
    if not contact_details.can_be_corrected(asked):
        messages.warning(http, _("The contact details of this request were deleted. There is nothing to correct."))
        return redirect(screen.url(asked))
    if http.method != "POST":
        return _page(http, asked, _form(asked, user))
    form = _form(asked, user, http.POST)
    if not form.is_valid():
        return _page(http, asked, form)
    try:
        done = _save(asked, form, user)
    except contact_details.ChangedMeanwhile as stale:
        messages.warning(http, str(stale.words))
        fresh = get_object_or_404(screen.rows(), pk=pk)
        # As it is now, without what was typed: a second press must not undo what somebody else put right.
        return _page(http, fresh, _form(fresh, user))
    _say(http, asked, done)
    return redirect(screen.url(asked))


def _form(asked: AppointmentRequest, user: User, data: Any = None) -> CorrectionForm:
    return CorrectionForm(
        data,
        initial={**CorrectionForm.shown(asked), "seen": contact_details.mark(asked)},
        page_language=asked.page_language,
        may_consent=rights.may(user, "consent"),
        has_link=contact_details.holds_a_link(asked),
    )


def _save(asked: AppointmentRequest, form: CorrectionForm, user: User) -> Corrected:
    values = form.cleaned_data
    page = "/admin/booking/appointmentrequest/correct/"
    agreed = Evidence(page=page, form_version=FORM_VERSION, spoken_to=user) if values.get("sms_consent") else None
    return contact_details.correct(
        request=asked,
        details=Details(**form.reached_by()),
        seen=values["seen"],
        by=actors.staff(user),
        now=timezone.now(),
        agreed=agreed,
        new_link=values.get("new_link", False),
    )


def _page(http: HttpRequest, asked: AppointmentRequest, form: CorrectionForm) -> TemplateResponse:
    access_log.opened(request=asked, by=rights.member(http), at=timezone.now())
    context = {
        **admin.site.each_context(http),
        "title": _("Correct contact details"),
        "asked": asked,
        "contact": history.contact(asked),
        "form": form,
        "scripts": [(language, consent.script(language)) for language in ("en", "es")],
    }
    return TemplateResponse(http, TEMPLATE, context)


def _say(http: HttpRequest, asked: AppointmentRequest, done: Corrected) -> None:
    """What was changed, and what staff have to do about it: texts, the link, news."""
    said = [f"{words.event_words(f'correct_{part}')}." for part in done.parts]
    if done.has_agreed:
        said.append(_("Agreed to texts: saved."))
    if said:
        messages.success(http, " ".join(said))
    else:
        messages.info(http, _("Nothing was different: nothing is changed."))
    if "phone" in done.parts and asked.contact_number is not None and not consent.may_text(asked.contact_number):
        messages.warning(http, _may_not_text(history.contact(asked)))
    if done.has_new_link:
        verbs.say_new_link(http, is_sent=done.is_reached)
    verbs.say_untold(http, asked)


def _may_not_text(contact: history.Contact) -> str:
    if contact.is_wrong or contact.was_stopped:
        return _("%(why)s. No text goes to this number.") % {"why": contact.texts}
    return _(
        "Texts: this number has not agreed yet. Read the words to the patient under “The patient wants texts”, and "
        "save the consent."
    )
