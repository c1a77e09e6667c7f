"""Which view answers which content address; included last, because any path can be a page. Must not hold a view."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path

from pages import views
from pages.paths import OFFICE_ROOTS
from pages.sitemaps import PagesSitemap

app_name = "pages"
urlpatterns = [
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": PagesSitemap}}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    *(
        path(f"{root.removeprefix('/')}<slug:slug>/", views.office, name=f"office_{language}")
        for language, root in OFFICE_ROOTS.items()
    ),
    re_path(r"^(?P<path>(?:[a-z0-9-]+/)*)$", views.page, name="page"),
]
