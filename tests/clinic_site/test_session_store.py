"""Half-filled requests are in sessions: nobody who reads the table can read them."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.db import connection

from clinic_site.session_store import SessionStore


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
