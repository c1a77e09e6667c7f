"""The doctor's calendar under a secret link, for a calendar program. Must not hold a name, nor tell a wrong link from a
rotated one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking import calendar_file, links


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """What is held, as an .ics file that nobody keeps."""
    found = links.find_calendar(token)
    if found is None:
        raise Http404
    body = calendar_file.doctors_calendar(found.physician, now=timezone.now())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
