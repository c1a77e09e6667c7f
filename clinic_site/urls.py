"""Which app answers which address. Must not hold a view."""

from django.contrib import admin
from django.urls import include, path

from clinic_site import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("booking.urls")),
    path("", include("pages.urls")),
]
