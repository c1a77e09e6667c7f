"""The living pattern library: staff see every part of the public pages, and pictures for comparison are taken of it.
Must not hold the samples (style_samples.py does)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from clinic_site import style_samples
from pages import reading


@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    """All parts in English, or in Spanish with `?language=es`."""
    language = "es" if request.GET.get("language") == "es" else "en"
    reading.keep(request, reading.at("/es/" if language == "es" else "/"))
    with translation.override(language):
        return render(request, "admin/style.html", style_samples.in_language(language))
