"""Every address below /admin/, also those that are added tomorrow: nobody gets anywhere without signing in, without the
second step on a public site, or without a right."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests import factories

pytestmark = pytest.mark.usefixtures("now", "clinic")
LOGIN, MINE = "/admin/login/", "/admin/booking/secondfactor/mine/"
FREE_OF_SIGNING_IN = {LOGIN, "/admin/logout/"}
FREE_OF_THE_SECOND_STEP = {LOGIN, MINE, "/admin/logout/", "/admin/jsi18n/"}
# What every member of staff may see; it shows nobody and changes nothing but the own account.
FREE_OF_RIGHTS = {
    *FREE_OF_THE_SECOND_STEP,
    "/admin/",
    "/admin/style/",
    "/admin/password_change/",
    "/admin/password_change/done/",
}


@pytest.fixture
def addresses(db: None) -> list[str]:
    """All of them, with keys of rows that exist where there are such rows."""
    factories.a_visit()
    return sorted(set(_below(get_resolver().url_patterns, "/")))


def _below(patterns: list[Any], start: str) -> Iterator[str]:
    for pattern in patterns:
        path = start + _path(pattern)
        if isinstance(pattern, URLResolver):
            if "/admin/".startswith(path) or path.startswith("/admin/"):
                yield from _below(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/admin/"):
            yield path


def _path(pattern: Any) -> str:
    """The text of a pattern, filled in."""
    if "regex" in type(pattern.pattern).__name__.lower():
        return "" if "app_label" not in str(pattern.pattern) else "booking/"
    first = _first_key(getattr(pattern, "name", None) or "")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "sms" if found[1] == "slug" else first, str(pattern.pattern))


def _first_key(name: str) -> str:
    app, _, rest = name.partition("_")
    for model in apps.get_app_config(app).get_models() if app in ("booking", "pages", "auth") else ():
        if rest.startswith(f"{model._meta.model_name}_"):
            row = model._base_manager.order_by("pk").first()
            return str(row.pk) if row is not None else "1"
    return "1"


def _answers(client: Client, path: str) -> list[Any]:
    return [client.get(path), client.post(path, {})]


def test_the_walk_finds_the_addresses(addresses: list[str]) -> None:
    assert len(addresses) > 150
    assert {"/admin/style/", "/admin/pages/page/transfer/export/", MINE} <= set(addresses)
    assert len(admin.site._registry) > 20


def test_strangers_are_asked_to_sign_in_everywhere(addresses: list[str]) -> None:
    for path in set(addresses) - FREE_OF_SIGNING_IN:
        for answer in _answers(Client(), path):
            where = answer.headers.get("Location", "")
            assert answer.status_code == 405 or (answer.status_code == 302 and where.startswith(LOGIN)), path


def test_nobody_passes_without_the_second_step_on_a_public_site(addresses: list[str], settings: Any) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client = Client()
    client.force_login(factories.a_staff_user("new"))
    for path in set(addresses) - FREE_OF_THE_SECOND_STEP:
        for answer in _answers(client, path):
            assert (answer.status_code, answer.headers.get("Location")) == (302, MINE), path


def test_without_rights_nothing_is_shown_and_nothing_done(addresses: list[str]) -> None:
    client = Client()
    client.force_login(factories.a_staff_user("nobody", is_superuser=False))
    for path in set(addresses) - FREE_OF_RIGHTS:
        for answer in _answers(client, path):
            assert answer.status_code in (302, 403, 404, 405), (path, answer.status_code)
            where = answer.headers.get("Location", "")
            assert answer.status_code != 302 or where in (path + "change/", "/admin/"), (path, where)
            assert answer.headers["Cache-Control"] != "public", path
