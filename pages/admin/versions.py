"""Shows what was published, and how it looked. Must not change a version."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pages import content, previews
from pages.models import PageVersion


@admin.register(PageVersion)
class PageVersionAdmin(admin.ModelAdmin):
    """Read-only."""

    list_display = ["page", "language", "number", "published_at", "published_by", "note", "look"]
    list_filter = ["language", "page"]
    list_select_related = ["page", "published_by"]
    fields = ("page", "language", "number", "published_at", "published_by", "note", "look")
    readonly_fields = ("page", "language", "number", "published_at", "published_by", "note", "look")

    @admin.display(description=_("look"))
    def look(self, version: PageVersion) -> SafeString:
        """A link to the version as patients saw it, with today's facts."""
        return format_html('<a href="{}">{}</a>', reverse("admin:pages_version_look", args=[version.pk]), _("See it"))

    def get_urls(self) -> list[URLPattern]:
        """Django's and the look."""
        look = path("<int:pk>/look/", self.admin_site.admin_view(self.look_view), name="pages_version_look")
        return [look, *super().get_urls()]

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The version through the same templates as the public page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = PageVersion.objects.filter(pk=pk).first()
        if version is None:
            raise Http404
        try:
            told = content.from_json(version.content, format=version.format)
        except content.UnreadableSnapshotError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:pages_versions", args=[version.page_id]))
        return previews.shown(request, told)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Publishing makes versions."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PageVersion | None = None) -> bool:
        """A version is a record."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PageVersion | None = None) -> bool:
        """A version is a record."""
        return False
