"""The filters of the queue and its page counter. Must not scan the whole table: what is counted is capped."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from booking.admin import asked_for, search
from booking.admin.parts import ALL, COUNTED_AT_MOST, WAITING, part
from booking.models import AppointmentRequest, Service
from pages.models import Office


class CappedPaginator(Paginator):
    """Counts up to COUNTED_AT_MOST rows and no further: nobody turns to page 400 of a queue."""

    @cached_property
    def count(self) -> int:
        """The number of rows, capped."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by().values("pk")[:COUNTED_AT_MOST].count()


def chosen_part(http: HttpRequest) -> str:
    """Which part of the work the list shows: what waits for staff, unless they say otherwise or search."""
    return http.GET.get("show") or (ALL if search.typed(http) else WAITING)


class ShowFilter(admin.SimpleListFilter):
    """Which part of the work to show. Without a choice: what waits for staff; a search looks everywhere."""

    title = _("what it waits for")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        """The parts, most urgent first."""
        return [
            (WAITING, _("Waiting for us")),
            ("new", _("New")),
            ("late", _("Late")),
            ("call_back", _("To call back")),
            ("tasks", _("With a task")),
            ("failed", _("Message failed")),
            ("prescriptions", _("Prescription due")),
            ("estimates", _("Estimate due")),
            ("patient", _("Waiting for the patient")),
            ("next_cycle", _("Next cycle")),
            ("over", _("Visit over: did they come?")),
            ("missed", _("Did not come, or not done")),
            ("confirmed", _("Confirmed")),
            ("today", _("Times set today")),
            ("automated", _("Looks automated")),
            ("closed", _("Closed")),
            (ALL, _("All")),
        ]

    def chosen(self) -> str:
        """The part in force."""
        return chosen_part(self.request)

    def choices(self, changelist: ChangeList) -> Any:
        """The parts alone: the stock “All” in front would mean the default here."""
        for value, words in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen() == value, "query_string": query, "display": words}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the chosen part."""
        return part(queryset, self.chosen(), now=timezone.now())


class _ByRow(admin.SimpleListFilter):
    """One row of a small table, by its id; asked for in one query."""

    rows: type[Model]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        """Every row of the table."""
        return [(str(row.pk), str(row)) for row in self.rows._default_manager.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that point to it; a value that is no id filters nothing."""
        key = asked_for.number(self.value() or "")
        return queryset if key is None else queryset.filter(**{f"{self.parameter_name}_id": key})


class OfficeFilter(_ByRow):
    """By office, with “any office” as a choice."""

    title, parameter_name, rows = _("office"), "office", Office

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        """The offices and “any”."""
        return [*super().lookups(request, model_admin), ("any", _("Any office"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of that office, or those that take any."""
        return queryset.filter(office=None) if self.value() == "any" else super().queryset(request, queryset)


class ServiceFilter(_ByRow):
    """By what was asked for."""

    title, parameter_name, rows = _("visit"), "service", Service


class _ByChoice(admin.SimpleListFilter):
    """One of the fixed choices of a column; anything else filters nothing."""

    offered: list[tuple[str, Any]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        """The choices of the column."""
        return self.offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows with that choice."""
        known = self.value() in dict(self.offered)
        return queryset.filter(**{str(self.parameter_name): self.value()}) if known else queryset


class LanguageFilter(_ByChoice):
    """By the language to speak."""

    title, parameter_name, offered = _("language"), "speaks", AppointmentRequest.Speaks.choices


class SourceFilter(_ByChoice):
    """By how the request came in."""

    title, parameter_name, offered = _("how it came"), "source", AppointmentRequest.Source.choices
