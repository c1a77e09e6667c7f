"""The queue: the list of requests in the admin, and the addresses of what can be done with one. Must not change a
request: each verb is a POST to booking/admin/verbs.py, which calls the lifecycle."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from booking.admin import (
    access_log,
    asked_for,
    caller,
    correcting,
    freed,
    look_up,
    pinned,
    reports_page,
    rights,
    screen,
    search,
    verbs,
    words,
)
from booking.admin.counters import OPEN_TASKS_SHOWN, counters, open_tasks
from booking.admin.parts import WAITING, order
from booking.admin.queue_filters import (
    LanguageFilter,
    OfficeFilter,
    ServiceFilter,
    ShowFilter,
    SourceFilter,
    chosen_part,
)
from booking.admin.read_only import ReadOnlyAdmin
from booking.models import WAITING_FOR_STAFF, AppointmentRequest, ConsentEvent, DeskTask, Status, Visit


class QueueList(ChangeList):
    """The stock list with a title that says what it is, and a search that never stood in the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("Requests")

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """What was searched for comes from the session; `q` in an address is not looked at."""
        self.query = search.typed(request)
        found: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return found

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """The name of a search is no column to filter by."""
        known: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in known.items() if name != search.PARAMETER}


@admin.register(AppointmentRequest)
class AppointmentRequestAdmin(ReadOnlyAdmin):
    """The queue. Nothing is added, changed or deleted through the model form: callers have a form of their own, there
    are verbs for what is done with a request, and retention deletes by its own command."""

    list_display = ("waiting", "who", "wants", "where", "days_wanted", "contact_ways", "standing", "desk_notes")
    list_display_links = None
    list_filter = (ShowFilter, OfficeFilter, ServiceFilter, LanguageFilter, SourceFilter)
    list_select_related = ("service", "office", "contact_number", "desk_card__on_it")
    empty_value_display = ""
    search_fields = ("reference",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppointmentRequest]:
        """Each row with its newest consent and its visit; days and open tasks in one query each."""
        newest = ConsentEvent.objects.filter(contact_number=OuterRef("contact_number")).order_by("-pk")
        visit = Visit.objects.in_force().filter(request=OuterRef("pk"))
        found: QuerySet[AppointmentRequest] = (
            super()
            .get_queryset(request)
            .prefetch_related("days", Prefetch("tasks", DeskTask.objects.open(), to_attr="tasks_to_do"))
            .annotate(
                newest_consent=Subquery(newest.values("kind")[:1]),
                visit_starts=Subquery(visit.values("starts_at")[:1]),
            )
        )
        return found

    def get_ordering(self, request: HttpRequest) -> Any:
        """Who loses her chance first; long lists of the past newest first, which the key answers without sorting."""
        return order(chosen_part(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AppointmentRequest], search_term: str
    ) -> tuple[QuerySet[AppointmentRequest], bool]:
        """By keyed hashes: the columns are ciphertext."""
        return (queryset.filter(pk__in=look_up.found(search_term)) if search_term.strip() else queryset), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with our title."""
        return QueueList

    def get_urls(self) -> list[URLPattern]:
        """One address for each verb, and the form for callers."""
        wrap = self.admin_site.admin_view
        own = [
            path("new-caller/", wrap(caller.new_caller), name="booking_appointmentrequest_caller"),
            path("reports/", wrap(reports_page.page), name="booking_appointmentrequest_reports"),
            path("search/", wrap(search.search), name="booking_appointmentrequest_search"),
            path("freed/", wrap(freed.freed), name="booking_appointmentrequest_freed"),
        ]
        own.append(path("<int:pk>/correct/", wrap(correcting.correct), name="booking_appointmentrequest_correct"))
        for name, view in verbs.VERBS.items():
            own.append(path(f"<int:pk>/{name}/", wrap(view), name=f"booking_appointmentrequest_{name}"))
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue with its counters and the open tasks; everybody it shows is noted in the access log."""
        now = timezone.now()
        tally = counters(now=now)
        more = {"counters": tally, "now": now, "can": rights.all_of(request.user)}
        response = super().changelist_view(request, {**more, **(extra_context or {})})
        context = (response.context_data if isinstance(response, TemplateResponse) else None) or {}
        if (shown := context.get("cl")) is not None:
            is_where_work_starts = chosen_part(request) == WAITING and shown.page_num == 1
            has_tasks = any(one.key == "tasks" and one.number for one in tally)
            tasks = open_tasks() if is_where_work_starts and has_tasks else []
            context.update(_box(tasks, now=now))
            # Who is named in the box and stands in the list was seen once.
            rows = [*(task.request_id for task in tasks[:OPEN_TASKS_SHOWN]), *(row.pk for row in shown.result_list)]
            access_log.listed(request_ids=rows, by=rights.member(request), at=now)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One request, everything on one screen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return _one_request(request, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The stock history knows nothing of verbs; the timeline is on the screen."""
        raise Http404

    @admin.display(description=gettext_lazy("Waiting"))
    def waiting(self, asked: AppointmentRequest) -> SafeString:
        """How long; late in words and weight, never by colour alone."""
        now = timezone.now()
        if asked.status not in (*WAITING_FOR_STAFF, Status.QUARANTINED):
            return format_html("<span class='quiet'>{}</span>", words.span(now - asked.created_at))
        late = "late" if asked.is_late(now=now) else "soon"
        return format_html("<span class='wait-{}'>{}</span>", late, words.waiting(asked, now=now))

    @admin.display(description=gettext_lazy("Name"))
    def who(self, asked: AppointmentRequest) -> SafeString:
        """The name as a link that opens the request, and the reference."""
        return format_html(
            '<a href="{}"><span class="visually-hidden">{} </span>{}</a><span class="under">{}</span>',
            screen.url(asked),
            _("Open the request of"),
            asked.name or _("Name deleted"),
            asked.spaced_reference,
        )

    @admin.display(description=gettext_lazy("Wants"))
    def wants(self, asked: AppointmentRequest) -> str:
        """The kind of visit."""
        return str(asked.service)

    @admin.display(description=gettext_lazy("Office"))
    def where(self, asked: AppointmentRequest) -> str:
        """The office, or any."""
        return str(asked.office) if asked.office else _("Any office")

    @admin.display(description=gettext_lazy("Days"))
    def days_wanted(self, asked: AppointmentRequest) -> SafeString:
        """The set time; else the chosen days and the last one that works; else what was answered instead."""
        visit_starts = getattr(asked, "visit_starts", None)
        if visit_starts is not None:
            return format_html("<strong>{}</strong>", words.when(visit_starts))
        chosen = [row.day for row in asked.days.all()]
        each = format_html_join("", '<span class="line">{}</span>', ((words.short_day(day),) for day in chosen))
        main = each or str(asked.get_timing_display())
        last = asked.last_acceptable_day
        if last is None or last in chosen:
            return format_html("{}", main)
        return format_html(
            '{}<span class="under">{}</span>', main, _("Last day: %(day)s") % {"day": words.short_day(last)}
        )

    @admin.display(description=gettext_lazy("Contact"))
    def contact_ways(self, asked: AppointmentRequest) -> SafeString:
        """The phone to press, the language, and what is allowed."""
        number = asked.contact_number.number if asked.contact_number else ""
        first = format_html('<a class="tel" href="tel:{}">{}</a>', number, words.phone(number)) if number else ""
        facts = [words.language(asked), words.voicemail(asked), words.texts(getattr(asked, "newest_consent", None))]
        wish = format_html('<span class="under">{}</span>', " · ".join(facts))
        return format_html("{}{}", first, wish)

    @admin.display(description=gettext_lazy("Status"))
    def standing(self, asked: AppointmentRequest) -> SafeString:
        """The status in words."""
        return format_html('<span class="badge badge-{}">{}</span>', asked.status, asked.status_words)

    @admin.display(description=gettext_lazy("At the desk"))
    def desk_notes(self, asked: AppointmentRequest) -> SafeString:
        """What somebody has to do, a badge each; who is on it; when to call next."""
        now = timezone.now()
        tasks = getattr(asked, "tasks_to_do", [])
        badges = [('<span class="badge badge-task">{}</span>', task.get_kind_display()) for task in tasks]
        card = pinned.card(asked)
        if card is not None and card.next_call_at is not None:
            call = _("Call: %(time)s") % {"time": words.since(card.next_call_at, now=now)}
            badges.append(('<span class="badge">{}</span>', call))
        if busy := pinned.on_it(asked, now=now):
            badges.append(('<span class="under">{}</span>', _("On it: %(who)s") % {"who": busy}))
        return format_html_join("", "{}", ((format_html(form, text),) for form, text in badges))


def _box(tasks: list[DeskTask], *, now: datetime) -> dict[str, Any]:
    """The open tasks above the list: who, where to, what, since when; and whether there are more."""
    lines = [
        {
            "name": task.request.name or task.request.spaced_reference,
            "url": screen.url(task.request),
            "what": task.get_kind_display(),
            "since": words.since(task.opened_at, now=now),
        }
        for task in tasks[:OPEN_TASKS_SHOWN]
    ]
    return {"open_tasks": lines, "are_more_tasks": len(tasks) > OPEN_TASKS_SHOWN}


@require_safe
def _one_request(http: HttpRequest, object_id: str) -> HttpResponse:
    key = asked_for.number(object_id)
    asked = None if key is None else screen.rows().filter(pk=key).first()
    if asked is None:
        raise Http404
    return screen.show(http, asked)
