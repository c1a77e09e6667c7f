"""Which app answers which address. Must not hold a view."""

from django.contrib import admin
from django.urls import include, path

from clinic_site import errors, health
from clinic_site.style_page import style_page

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/style/", admin.site.admin_view(style_page), name="style"),
    path("admin/", admin.site.urls),
    path("", include("booking.urls")),
    path("", include("pages.urls")),
]
