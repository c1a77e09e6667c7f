"""Half-filled requests are in sessions: nobody who reads the table can read them. A new password ends its owner's."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client

from clinic_site.session_store import SessionStore
from tests import factories


def stored_cell() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        [(cell,)] = cursor.fetchall()
    return str(cell)


def test_a_session_comes_back_as_it_was(db: None) -> None:
    session = SessionStore()
    session["request_draft"] = {"name": "María Example", "days": ["2026-12-16"]}
    session.save()
    assert SessionStore(session.session_key)["request_draft"] == {"name": "María Example", "days": ["2026-12-16"]}


def test_the_row_cannot_be_read(db: None) -> None:
    session = SessionStore()
    session["name"] = "Maria Example"
    session["phone"] = "2135550134"
    session.save()
    cell = stored_cell()
    assert "Maria" not in cell
    assert "2135550134" not in cell
    assert "phone" not in cell


def test_a_changed_row_is_a_new_session(db: None) -> None:
    session = SessionStore()
    session["name"] = "Maria"
    session.save()
    cell = stored_cell()
    Session.objects.update(session_data=cell[:-6] + ("AAAAAA" if cell[-6:] != "AAAAAA" else "BBBBBB"))
    assert dict(SessionStore(session.session_key).items()) == {}


def test_a_row_of_a_key_that_is_gone_is_a_new_session(db: None, settings: Any) -> None:
    session = SessionStore()
    session["name"] = "Maria"
    session.save()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert dict(SessionStore(session.session_key).items()) == {}


def test_a_retired_key_still_opens_sessions(db: None, settings: Any) -> None:
    session = SessionStore()
    session["name"] = "Maria"
    session.save()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    assert SessionStore(session.session_key)["name"] == "Maria"


@pytest.mark.parametrize("rubbish", ["", "not-a-session", "e30:1abc:signature"])
def test_rubbish_is_an_empty_session(rubbish: str) -> None:
    assert SessionStore().decode(rubbish) == {}


PASSWORD, NEXT = "a long test password", "another long password 4"


@pytest.fixture
def ana(db: None) -> Any:
    return factories.a_staff_user("ana")


def signed_in(user: Any) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": user.username, "password": PASSWORD, "next": "/admin/"})
    assert client.get("/admin/").status_code == 200
    return client


def is_over(client: Client) -> bool:
    """Whether the next click leads to the sign-in, and the session is gone."""
    key = client.cookies["session"].value
    answer = client.get("/admin/")
    is_out = answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/")
    return is_out and not Session.objects.filter(session_key=key).exists()


def test_a_password_that_a_superuser_changes_ends_all_sessions_of_its_owner(ana: Any) -> None:
    clients, boss = [signed_in(ana), signed_in(ana)], signed_in(factories.a_staff_user("boss"))
    new = {"password1": NEXT, "password2": NEXT, "usable_password": "true"}
    assert boss.post(f"/admin/auth/user/{ana.pk}/password/", new).status_code == 302
    ana.refresh_from_db()
    assert ana.check_password(NEXT)
    assert [is_over(client) for client in clients] == [True, True]
    assert not is_over(boss)


def test_a_password_that_she_changes_herself_ends_her_other_sessions_only(ana: Any) -> None:
    here, there = signed_in(ana), signed_in(ana)
    new = {"old_password": PASSWORD, "new_password1": NEXT, "new_password2": NEXT}
    assert here.post("/admin/password_change/", new).status_code == 302
    assert is_over(there)
    assert not is_over(here)


def test_a_password_that_a_command_changes_ends_all_sessions_of_its_owner(ana: Any, monkeypatch: Any) -> None:
    client = signed_in(ana)
    monkeypatch.setattr("django.contrib.auth.management.commands.changepassword.getpass.getpass", lambda **_: NEXT)
    call_command("changepassword", "ana", stdout=StringIO())
    assert is_over(client)
