"""The demo user's password is said once and stored as a hash; a public site gets no demo user."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command


def say() -> str:
    out = StringIO()
    call_command("demo_staff", stdout=out)
    return out.getvalue()


def password_in(said: str) -> str:
    return said.split("password ")[1].split(maxsplit=1)[0]


def test_the_password_is_said_once_and_opens_the_staff_area(db: None) -> None:
    call_command("setup_staff_groups", stdout=StringIO())
    password = password_in(say())
    user = authenticate(username="demo", password=password)
    assert user is not None
    assert user.is_staff
    assert user.groups.count() >= 3
    assert password not in user.password
    assert password not in say()


def test_a_second_time_changes_nothing(db: None) -> None:
    say()
    before = get_user_model().objects.get().password
    assert "exists" in say()
    assert get_user_model().objects.get().password == before


def test_a_public_site_gets_none(db: None, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="no demo user"):
        say()
    assert not get_user_model().objects.exists()
