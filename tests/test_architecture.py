"""The shape of the house: who may import whom, how long things may be, who writes which status, who may see which URL.
Each rule is also shown to fail on a bad example; the rules themselves are in tests/architecture_rules.py."""

import re
from collections.abc import Callable, Iterator
from statistics import quantiles
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from booking.encryption import EncryptedTextField
from pages.urls import OLD_ADDRESSES
from tests import architecture_rules as rules
from tests.architecture_rules import Module

MODULES = rules.modules()
NAMES = {module.name for module in MODULES}


def over_all(rule: Callable[[Module], list[str]]) -> list[str]:
    return [found for module in MODULES for found in rule(module)]


# Who may import whom


def test_nothing_imports_upward() -> None:
    assert over_all(lambda module: rules.upward_imports(module, NAMES)) == []


def test_no_circle_of_imports() -> None:
    assert rules.circles({module.name: rules.imported(module, NAMES) for module in MODULES}) == []


def test_no_import_inside_a_function() -> None:
    assert over_all(rules.hidden_imports) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("pages.content", "from booking.models import Service"),
        ("pages.content", "import booking.encryption"),
        ("booking.models.requests", "from booking import lifecycle"),
        ("booking.lifecycle", "from booking.forms.visit import VisitForm"),
        ("booking.forms.visit", "from booking import lifecycle"),
        ("booking.messaging.wording", "from booking.messaging import outbox"),
        ("booking.messaging.outbox", "from booking.messaging.inbound import receive"),
        ("booking.views.patient", "from booking.admin import queue"),
        ("booking.links", "from clinic_site import env"),
        ("booking.simulator.store", "from booking.models import Visit"),
        ("booking.messaging.twilio", "from booking.simulator.server import Simulator"),
        ("booking.left_over", "import json"),
    ],
)
def test_an_import_that_the_table_forbids_is_found(name: str, source: str) -> None:
    names = {
        *NAMES,
        "booking.messaging.outbox",
        "booking.messaging.inbound",
        "booking.lifecycle",
        "booking.forms.visit",
    }
    assert rules.upward_imports(Module(name, source), names)


def test_an_import_downward_is_allowed() -> None:
    assert (
        rules.upward_imports(Module("booking.lifecycle", "from booking import links\nimport pages.facts"), NAMES) == []
    )


def test_a_circle_is_found() -> None:
    assert rules.circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_a_hidden_import_is_found_and_ready_is_excused() -> None:
    assert rules.hidden_imports(Module("x", "def f():\n    import json")) == ["x:2"]
    ready = "class C(AppConfig):\n    def ready(self):\n        from x import y"
    assert rules.hidden_imports(Module("x", ready)) == []


# Sizes, names, first lines


def test_modules_have_at_most_400_lines() -> None:
    assert rules.too_long(((m.name, m.source.count("\n")) for m in MODULES), most=400) == []


def test_functions_have_at_most_50_lines_and_most_of_them_20() -> None:
    lengths = [(f"{m.name}.{f.name}", rules.length(f)) for m in MODULES for f in rules.functions(m)]
    assert rules.too_long(lengths, most=50) == []
    assert quantiles([count for _name, count in lengths], n=10)[-1] <= 20


def test_views_have_at_most_30_lines() -> None:
    views = [
        (f"{m.name}.{f.name}", rules.length(f)) for m in MODULES for f in rules.functions(m) if rules.is_view(m, f)
    ]
    assert views
    assert rules.too_long(views, most=30) == []


def test_templates_have_at_most_120_lines() -> None:
    files = list((rules.ROOT / "templates").rglob("*.html"))
    assert files
    assert rules.too_long(((str(f.name), f.read_text().count("\n")) for f in files), most=120) == []


def test_no_module_is_a_drawer_for_left_overs() -> None:
    assert over_all(rules.forbidden_name) == []


def test_every_module_says_its_job_and_what_it_must_not_do() -> None:
    assert over_all(rules.missing_docstring) == []


def test_what_is_too_long_or_badly_named_is_found() -> None:
    assert rules.too_long([("f", 51)], most=50) == ["f: 51 lines"]
    assert rules.forbidden_name(Module("booking.utils", "")) == ["booking.utils"]
    assert rules.forbidden_name(Module("pages.helpers.text", ""))
    assert rules.missing_docstring(Module("booking.x", "import json\n"))
    assert rules.missing_docstring(Module("booking.x", '"""Sends things."""\n'))
    view = Module("booking.views.x", "def show(request: HttpRequest) -> HttpResponse:\n    return None")
    assert [rules.is_view(view, f) for f in rules.functions(view)] == [True]


# One writer of each status


WRITERS = [("status", rules.STATUS_WRITER), ("state", rules.STATE_WRITER)]


def test_one_module_alone_writes_the_status_of_a_request() -> None:
    ours = [module for module in MODULES if not module.name.startswith(rules.SIMULATOR)]
    assert rules.writes_beside("status", rules.STATUS_WRITER, ours) == []


def test_one_module_alone_writes_the_state_of_a_message() -> None:
    assert rules.writes_beside("state", rules.STATE_WRITER, MODULES) == []


@pytest.mark.parametrize(("field", "writer"), WRITERS)
def test_that_one_module_is_there_and_is_seen_to_write(field: str, writer: str) -> None:
    (module,) = [module for module in MODULES if module.name == writer]
    assert rules.writes_of(field, module)


@pytest.mark.parametrize(("field", "writer"), WRITERS)
@pytest.mark.parametrize("beside", ["booking.lifecycle", "booking.messaging.outbox", "{writer}_too", "{writer}.inner"])
def test_any_other_writer_is_found_also_the_nearest(field: str, writer: str, beside: str) -> None:
    other = Module(beside.format(writer=writer), f"rows.update({field}='sent')")
    same = Module(writer, other.source)
    assert rules.writes_beside(field, writer, [same, other]) == [f"{other.name}:1"]


def test_nobody_goes_around_with_sql() -> None:
    assert over_all(rules.raw_updates) == []


def test_views_forms_and_admin_save_no_request_and_no_message() -> None:
    assert over_all(rules.saves) == []


@pytest.mark.parametrize(
    "source",
    [
        "row.status = 'new'",
        "row.other, row.status = 1, 'new'",
        "setattr(row, 'status', 'new')",
        "AppointmentRequest.objects.filter(pk=1).update(status='new')",
        "rows.update(status='new', closed_at=None)",
        "AppointmentRequest(status='new')",
        "AppointmentRequest.objects.create(status='new')",
        "row.save(update_fields=['name', 'status'])",
        "AppointmentRequest.objects.bulk_update(rows, ['status'])",
        "AppointmentRequest.objects.update_or_create(pk=1, defaults={'status': 'new'})",
    ],
)
def test_every_way_to_write_a_status_is_found(source: str) -> None:
    assert rules.writes_of("status", Module("booking.views.x", source))


@pytest.mark.parametrize(
    "source",
    [
        "columns['status'] = 'new'",
        "store_answers(standing={'status': first(), 'status_reason': ''})",
        "ended = {'status': 'expired', **more}",
        "columns = dict(status='new')",
    ],
)
def test_a_status_that_is_gathered_to_be_written_elsewhere_is_found(source: str) -> None:
    assert rules.writes_of("status", Module("booking.offers", source))


def test_what_only_reads_or_answers_is_no_write() -> None:
    source = (
        "render(request, 'x.html', status=403)\nrows.filter(status='new')\nDeliveryReport.objects.create(status='sent')"
        "\nsaid = {'status': words}\nseen = row['status']"
    )
    assert rules.writes_of("status", Module("booking.views.x", source)) == []


def test_saving_in_a_view_is_found() -> None:
    for source in (
        "row.save()",
        "form.save()",
        "Visit.objects.create(version=1)",
        "OutgoingMessage.objects.update(x=1)",
    ):
        assert rules.saves(Module("booking.views.x", source)), source
    assert rules.raw_updates(Module("x", "cursor.execute('UPDATE booking_visit SET x = 1')"))
    assert rules.raw_updates(Module("x", "cursor.execute('INSERT INTO booking_visit (x) VALUES (1)')"))


# Signals, CSRF, personal fields, addresses


def test_there_are_no_signal_receivers() -> None:
    assert over_all(rules.signal_receivers) == []
    assert rules.signal_receivers(Module("x", "from django.db.models.signals import post_save"))
    assert rules.signal_receivers(Module("x", "from django.dispatch import receiver"))


def test_only_the_signed_webhooks_are_excused_from_csrf() -> None:
    assert over_all(rules.csrf_exemptions) == []
    assert rules.csrf_exemptions(Module("booking.views.request", "@csrf_exempt\ndef view(request): ..."))


def personal_fields_missing(model: type[models.Model]) -> list[str]:
    """What is wrong with a model's list of personal fields."""
    declared = getattr(getattr(model, "Privacy", None), "personal", None)
    if declared is None:
        return [f"{model.__name__} has no Privacy.personal"]
    fields = {field.name: field for field in model._meta.get_fields()}
    unknown = [f"{model.__name__}.{name} does not exist" for name in declared if name not in fields]
    encrypted = [name for name, field in fields.items() if isinstance(field, EncryptedTextField)]
    return unknown + [f"{model.__name__}.{name} is not declared" for name in encrypted if name not in declared]


def test_every_model_says_which_of_its_fields_are_personal() -> None:
    ours = [model for app in ("pages", "booking") for model in apps.get_app_config(app).get_models()]
    assert len(ours) > 20
    assert [found for model in ours for found in personal_fields_missing(model)] == []


def test_a_model_that_hides_a_personal_field_is_found() -> None:
    class Silent:
        pass

    class Hiding:
        class Privacy:
            personal = ("nobody",)

        _meta = SimpleNamespace(get_fields=lambda: [EncryptedTextField(name="note")])

    assert personal_fields_missing(Silent) == ["Silent has no Privacy.personal"]  # type: ignore[arg-type]
    assert len(personal_fields_missing(Hiding)) == 2  # type: ignore[arg-type]


# Every address and who may use it. A new one fails the test until somebody has thought about it.
ADDRESSES = {
    "healthz": "operations",
    "readyz": "operations",
    "admin/": "staff",
    "request/": "public",
    "request/times/": "public",
    "request/contact/": "public",
    "request/check/": "public",
    "request/sent/": "public",
    "find-request/": "public",
    "es/solicitud/": "public",
    "es/solicitud/fechas/": "public",
    "es/solicitud/contacto/": "public",
    "es/solicitud/revisar/": "public",
    "es/solicitud/enviada/": "public",
    "es/buscar-solicitud/": "public",
    "r/<str:token>/": "private-link",
    "r/<str:token>/days/": "private-link",
    "r/<str:token>/plan/": "private-link",
    "r/<str:token>/calendar.ics": "private-link",
    "r/<str:token>/cancel/": "private-link",
    "r/<str:token>/accept/": "private-link",
    "r/<str:token>/other-times/": "private-link",
    "r/<str:token>/change/": "private-link",
    "r/<str:token>/keep/": "private-link",
    "r/<str:token>/release/": "private-link",
    "r/<str:token>/stop-texts/": "private-link",
    "calendar/<str:token>.ics": "private-link",
    "preview/<str:token>/": "private-link",
    "es/preview/<str:token>/": "private-link",
    "twilio/status/": "twilio",
    "twilio/inbound/": "twilio",
    "sitemap.xml": "public",
    "robots.txt": "public",
    "locations/<slug:slug>/": "public",
    "es/consultorios/<slug:slug>/": "public",
    "^(?P<path>(?:[a-z0-9-]+/)*)$": "public",
    OLD_ADDRESSES: "public",
}


def addresses() -> set[str]:
    """The routes of the site in both languages; everything under admin/ is one."""
    found: set[str] = set()

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> None:
        for entry in patterns:
            route = before + str(entry.pattern)
            if route.startswith("admin/"):
                found.add("admin/")
            elif isinstance(entry, URLResolver):
                walk(entry.url_patterns, route)
            else:
                found.add(route)

    for language in ("en", "es"):
        with translation.override(language):
            walk(get_resolver().url_patterns, "")
    return found


def declared(kind: str) -> list[str]:
    return sorted(address for address, its_kind in ADDRESSES.items() if its_kind == kind)


def test_every_address_is_declared() -> None:
    assert set(ADDRESSES.values()) == {"public", "private-link", "staff", "twilio", "operations"}
    assert addresses() == set(ADDRESSES)


def admin_paths(patterns: list[URLPattern | URLResolver], before: str = "/admin/") -> Iterator[str]:
    """Every address of the admin with something plausible in its blanks."""
    for entry in patterns:
        route = before + re.sub(r"<[^>]+>", "1", str(entry.pattern)).replace("^", "").replace("$", "")
        if isinstance(entry, URLResolver):
            yield from admin_paths(entry.url_patterns, route)
        else:
            yield re.sub(r"\(\?P.*", "1/", route)


def test_no_staff_address_shows_anything_without_signing_in(client: Client, db: None) -> None:
    open_to_all = {"/admin/login/", "/admin/jsi18n/", "/admin/logout/"}
    admin = next(entry for entry in get_resolver().url_patterns if str(entry.pattern) == "admin/")
    paths = [path for path in admin_paths(admin.url_patterns) if path not in open_to_all]
    assert len(paths) > 30
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/admin/login/"), path


@pytest.mark.parametrize("address", declared("private-link"))
def test_a_private_link_that_is_unknown_is_not_found_and_not_kept(client: Client, db: None, address: str) -> None:
    path = "/" + address.replace("<str:token>", "A" * 22)
    answer = client.get(path)
    if answer.status_code == 405:
        answer = client.post(path)
    assert answer.status_code == 404
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("address", declared("twilio"))
def test_a_webhook_without_a_signature_is_forbidden(address: str, db: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/" + address, {"MessageSid": "SM1"}).status_code == 403


@pytest.mark.parametrize("address", declared("operations"))
def test_operations_tell_nothing_personal(client: Client, db: None, address: str) -> None:
    assert client.get("/" + address).status_code == 200
