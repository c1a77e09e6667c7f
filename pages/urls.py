"""Which view answers which content address; included last, because any path can be a page. Must not hold a view."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path

from pages import views
from pages.paths import OFFICE_ROOTS, RESERVED
from pages.sitemaps import PagesSitemap

app_name = "pages"
# An old address that could not be a page (capitals, dots, spaces), outside the parts of the site that end their
# addresses otherwise. Addresses that lack only their last slash must not match: Django adds it.
OLD_ADDRESSES = rf"^(?P<path>(?!(?:es/)?(?:{'|'.join(sorted(RESERVED))})(?:/|$)).*[^a-z0-9/-].*)$"

urlpatterns = [
    path("preview/<str:token>/", views.preview, {"language": "en"}, name="preview_en"),
    path("es/preview/<str:token>/", views.preview, {"language": "es"}, name="preview_es"),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": PagesSitemap}}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    *(
        path(f"{root.removeprefix('/')}<slug:slug>/", views.office, name=f"office_{language}")
        for language, root in OFFICE_ROOTS.items()
    ),
    re_path(r"^(?P<path>(?:[a-z0-9-]+/)*)$", views.page, name="page"),
    re_path(OLD_ADDRESSES, views.moved, name="moved"),
]
