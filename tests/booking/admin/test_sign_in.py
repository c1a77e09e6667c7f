"""Signing in as staff with a second step; on a public site nobody gets past it."""

import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.conf import settings as real_settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from booking import sign_in
from booking.models import SecondFactor, SignInFailure
from tests import factories
from tests.booking.admin.desk import words
from tests.booking.test_sign_in import code_at
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("db", "now")
LOGIN, MINE, PASSWORD = "/admin/login/", "/admin/booking/secondfactor/mine/", "a long test password"


@pytest.fixture
def public(settings: Any) -> None:
    """A site that strangers reach."""
    settings.STAFF_NEEDS_SECOND_FACTOR = True


@pytest.fixture
def ana() -> Any:
    """A member of staff without a second step."""
    return factories.a_staff_user("ana")


@pytest.fixture
def secret(ana: Any) -> str:
    """Ana has set it up, an hour ago."""
    made, before = sign_in.new_secret(), NOW - timedelta(hours=1)
    sign_in.enrol(user=ana, secret=made, code=code_at(made, before), now=before)
    return made


def tries(client: Client, *, code: str = "", password: str = PASSWORD, name: str = "ana", path: str = LOGIN) -> Any:
    return client.post(path, {"username": name, "password": password, "code": code, "next": "/admin/"})


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_without_a_second_step_name_and_password_are_enough_on_this_machine(ana: Any) -> None:
    client = Client()
    assert tries(client).status_code == 302
    assert is_in(client)
    assert "Second step" in words(client.get("/admin/"))


def test_with_one_the_code_is_asked_for_everywhere(secret: str) -> None:
    client = Client()
    assert "Name, password or code is not right." in words(tries(client))
    assert not is_in(client)
    assert tries(client, code=code_at(secret, NOW)).status_code == 302
    assert is_in(client)


def test_every_mistake_gets_the_same_answer(secret: str) -> None:
    right = code_at(secret, NOW)
    answers = {
        re.sub(r'value="[^"]*"', "", words(tries(Client(), **given)))
        for given in (
            {"password": "wrong", "code": right},
            {"code": "000000"},
            {"name": "nobody", "code": right},
        )
    }
    assert len(answers) == 1


def test_a_code_seen_over_the_shoulder_is_used_up(secret: str) -> None:
    code = code_at(secret, NOW)
    tries(Client(), code=code)
    assert tries(Client(), code=code).status_code == 200


def test_after_five_tries_even_the_right_ones_have_to_wait(secret: str) -> None:
    for _n in range(5):
        tries(Client(), password="wrong")
    client = Client()
    assert "Too many tries. Wait 15 minutes" in words(tries(client, code=code_at(secret, NOW)))
    assert not is_in(client)
    later = NOW + timedelta(minutes=16)
    with time_machine.travel(later, tick=False):
        assert tries(client, code=code_at(secret, later)).status_code == 302
    assert not SignInFailure.objects.filter(at__gt=NOW).exists()


def from_anywhere(number: int, **given: Any) -> Any:
    """A try from a network of its own."""
    return tries(Client(REMOTE_ADDR=f"203.0.{number}.7"), **given)


def test_who_has_the_password_cannot_guess_codes_from_many_networks(secret: str) -> None:
    for number in range(10):
        from_anywhere(number, code=f"{number:06}")
    assert "Too many tries" in words(from_anywhere(99, code=code_at(secret, NOW)))
    later = NOW + timedelta(minutes=16)
    with time_machine.travel(later, tick=False):
        assert from_anywhere(99, code=code_at(secret, later)).status_code == 302


def test_a_sign_in_in_between_gives_no_new_guesses(secret: str) -> None:
    for number in range(5):
        from_anywhere(number, code="000000")
    assert from_anywhere(50, code=code_at(secret, NOW)).status_code == 302
    for number in range(5, 10):
        from_anywhere(number, code="000000")
    assert "Too many tries" in words(from_anywhere(99, code="000000"))


def test_strangers_without_the_password_lock_nobody_out_so_soon(secret: str) -> None:
    for number in range(20):
        from_anywhere(number, password="wrong", code="000000")
    assert from_anywhere(99, code=code_at(secret, NOW)).status_code == 302


@pytest.mark.parametrize("path", ["/admin/", "/admin/booking/appointmentrequest/", "/admin/password_change/"])
def test_on_a_public_site_nobody_gets_anywhere_before_it_is_set_up(public: None, ana: Any, path: str) -> None:
    client = Client()
    tries(client)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, MINE)
    assert client.post(path, {}).status_code == 302


def test_a_session_that_did_not_pass_it_is_ended_on_a_public_site(public: None, ana: Any, secret: str) -> None:
    client = Client()
    client.force_login(ana)
    answer = client.get("/admin/")
    assert answer.headers["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_setting_it_up_shows_a_square_and_gives_ten_recovery_codes_once(public: None, ana: Any) -> None:
    client = Client()
    tries(client)
    page = words(client.get(MINE))
    assert re.search(r"<svg[^>]* viewBox=", page), "Without it, what is shown smaller loses its white edge."
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found is not None
    wrong = client.post(MINE, {"code": "000000"})
    assert (wrong.status_code, found[1] in words(wrong)) == (422, True)
    done = words(client.post(MINE, {"code": code_at(found[1], NOW)}))
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done)
    assert len(codes) == 10
    assert is_in(client)
    assert codes[0] not in words(client.get(MINE))
    other = Client()
    assert tries(other, code=codes[0]).status_code == 302
    assert is_in(other)


def signed_in(secret: str) -> Client:
    """A browser of Ana's in which she has passed both steps, with a recovery code: those of her phone are left."""
    factor, client = SecondFactor.objects.get(user__username="ana"), Client()
    code = sign_in.renew_recovery_codes(factor)[0]
    assert tries(client, code=code).status_code == 302
    assert is_in(client)
    return client


def may_set_it_up(client: Client, secret: str, when: datetime = NOW) -> str:
    """A code of the old phone was typed; the key for another phone is shown."""
    page = words(client.post(MINE, {"code": code_at(secret, when), "again": "1"}))
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found is not None
    return found[1]


def moves_to_another_phone(client: Client, secret: str) -> str:
    """A code of the old phone, then one of the new phone. Returns the new secret."""
    made = may_set_it_up(client, secret)
    client.post(MINE, {"code": code_at(made, NOW)})
    return made


def test_new_recovery_codes_and_another_phone_need_a_code(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    assert client.post(MINE, {"code": "000000", "renew": "1"}).status_code == 422
    made = moves_to_another_phone(client, secret)
    assert made != secret
    assert SecondFactor.objects.get().secret == made


def test_the_page_itself_cannot_be_used_to_guess(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    for _n in range(5):
        client.post(MINE, {"code": "000000", "renew": "1"})
    assert "Too many tries" in words(client.post(MINE, {"code": code_at(secret, NOW), "renew": "1"}))


def test_a_superuser_or_the_command_takes_a_lost_phone_away(ana: Any, secret: str) -> None:
    boss, desk = Client(), Client()
    boss.force_login(factories.a_staff_user("boss"))
    desk.force_login(factories.a_staff_user("desk", is_superuser=False))
    factor = SecondFactor.objects.get()
    url = f"/admin/booking/secondfactor/{factor.pk}/delete/"
    assert desk.post(url, {"post": "yes"}).status_code == 403
    assert boss.post(url, {"post": "yes"}).status_code == 302
    assert not SecondFactor.objects.exists()
    with pytest.raises(CommandError, match="Nobody of this name"):
        call_command("reset_second_step", "ana")
    sign_in.enrol(user=ana, secret=secret, code=code_at(secret, NOW), now=NOW)
    call_command("reset_second_step", "ana", stdout=StringIO())
    assert not SecondFactor.objects.exists()


def is_over(client: Client) -> bool:
    """Whether the next press leads to the sign-in, and the session is gone."""
    key = client.cookies["session"].value
    answer = client.post(MINE, {"code": "000000"})
    is_out = answer.status_code == 302 and answer.headers["Location"].startswith(LOGIN)
    return is_out and not Session.objects.filter(session_key=key).exists()


def a_superuser_deletes_it(secret: str) -> None:
    boss, factor, made = Client(), SecondFactor.objects.get(user__username="ana"), sign_in.new_secret()
    codes = sign_in.enrol(user=factories.a_staff_user("boss"), secret=made, code=code_at(made, NOW), now=NOW)
    tries(boss, name="boss", code=codes[0])
    boss.post(f"/admin/booking/secondfactor/{factor.pk}/delete/", {"post": "yes"})


def the_command_takes_it_away(secret: str) -> None:
    call_command("reset_second_step", "ana", stdout=StringIO())


def it_is_deleted_and_set_up_anew(secret: str) -> None:
    the_command_takes_it_away(secret)
    ana, made = User.objects.get(username="ana"), sign_in.new_secret()
    assert sign_in.enrol(user=ana, secret=made, code=code_at(made, NOW), now=NOW)


def she_moves_to_another_phone(secret: str) -> None:
    moves_to_another_phone(signed_in(secret), secret)


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize(
    "changes",
    [a_superuser_deletes_it, the_command_takes_it_away, it_is_deleted_and_set_up_anew, she_moves_to_another_phone],
)
def test_when_it_is_deleted_or_replaced_all_sessions_of_hers_are_over(
    ana: Any, secret: str, settings: Any, changes: Any, is_public: bool
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = is_public
    clients = [signed_in(secret), signed_in(secret)]
    changes(secret)
    assert [is_over(client) for client in clients] == [True, True]


def test_nobody_else_is_signed_out(ana: Any, secret: str) -> None:
    factories.a_staff_user("ben")
    ben = Client()
    tries(ben, name="ben")
    the_command_takes_it_away(secret)
    assert is_in(ben)


def test_the_session_in_which_she_moved_it_stays(public: None, ana: Any, secret: str) -> None:
    client = signed_in(secret)
    made = moves_to_another_phone(client, secret)
    assert SecondFactor.objects.get().secret == made
    assert is_in(client)


def test_setting_it_up_ends_the_sessions_that_knew_only_the_password(ana: Any) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        tries(client)
        assert is_in(client)
    found = re.search(r"<code>([A-Z2-7]{32})</code>", words(here.get(MINE)))
    assert found is not None
    here.post(MINE, {"code": code_at(found[1], NOW)})
    assert is_in(here)
    assert is_over(there)


def test_new_recovery_codes_end_no_session(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    sign_in.renew_recovery_codes(SecondFactor.objects.get())
    assert is_in(client)


def test_a_new_data_key_ends_no_session(ana: Any, secret: str, settings: Any) -> None:
    client = signed_in(secret)
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    call_command("move_to_newest_key", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert is_in(client)


def test_after_it_was_deleted_the_password_is_enough_again_in_the_same_browser(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    the_command_takes_it_away(secret)
    assert tries(client).status_code == 302
    assert is_in(client)


def no_key_opens_it(user: Any) -> None:
    """As after a restore without the keys of the copy."""
    lost = Fernet(Fernet.generate_key()).encrypt(b"A" * 32).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE booking_secondfactor SET secret = %s WHERE user_id = %s", [lost, user.pk])


def test_when_no_key_opens_the_second_step_she_reads_what_happened_and_whom_to_ask(ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    client = Client()
    answer = tries(client, code=code_at(secret, NOW))
    assert answer.status_code == 200
    assert "This is not your mistake" in words(answer)
    assert "ask a colleague who manages the accounts" in words(answer)
    assert not is_in(client)


def test_it_is_said_to_nobody_without_the_password_and_to_nobody_who_types_no_code(ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    for given in ({"password": "wrong", "code": "123456"}, {"code": ""}, {"code": "abcde-fghjk"}):
        assert "Name, password or code is not right." in words(tries(Client(), **given))


def test_it_locks_nobody_out_because_nothing_was_guessed(ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    for _n in range(12):
        assert "This is not your mistake" in words(tries(Client(), code=code_at(secret, NOW)))
    assert not SignInFailure.objects.exists()


def test_the_log_then_holds_her_number_and_nothing_else(
    ana: Any, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    no_key_opens_it(ana)
    caplog.set_level("DEBUG")
    code = code_at(secret, NOW)
    tries(Client(), code=code)
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert line.getMessage() == f"Staff {ana.pk}: no current key opens the secret of the second step."
    assert not any(record.exc_info for record in caplog.records)
    logged = " ".join(record.getMessage() for record in caplog.records)
    for private in (secret, code, PASSWORD, "ana", "gAAAA"):
        assert private not in logged


def test_a_recovery_code_still_opens_and_sets_it_up_on_a_phone_again(public: None, ana: Any, secret: str) -> None:
    factor = sign_in.factor_of(ana)
    assert factor is not None
    first, second, *_rest = sign_in.renew_recovery_codes(factor)
    no_key_opens_it(ana)
    client = Client()
    assert tries(client, code=first).status_code == 302
    refused = client.post(MINE, {"code": code_at(secret, NOW), "again": "1"})
    assert (refused.status_code, "This is not your mistake" in words(refused)) == (422, True)
    found = re.search(r"<code>([A-Z2-7]{32})</code>", words(client.post(MINE, {"code": second, "again": "1"})))
    assert found is not None
    client.post(MINE, {"code": code_at(found[1], NOW)})
    assert SecondFactor.objects.get().secret == found[1]
    assert is_in(client)


def another_manager() -> Client:
    """A superuser, signed in, whose own second step can be opened."""
    boss, made = factories.a_staff_user("boss"), sign_in.new_secret()
    code = sign_in.enrol(user=boss, secret=made, code=code_at(made, NOW), now=NOW)[0]
    client = Client()
    assert tries(client, name="boss", code=code).status_code == 302
    return client


def test_another_manager_sees_it_in_the_list_and_deletes_it(public: None, ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    boss, factor = another_manager(), SecondFactor.objects.get(user=ana)
    for path in ("", f"{factor.pk}/change/", f"{factor.pk}/delete/"):
        assert "ana" in words(boss.get(f"/admin/booking/secondfactor/{path}")), path
    assert boss.post(f"/admin/booking/secondfactor/{factor.pk}/delete/", {"post": "yes"}).status_code == 302
    client = Client()
    assert tries(client).status_code == 302
    assert "Set it up" in words(client.get(MINE))


def test_the_command_takes_away_what_no_key_opens(ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    call_command("reset_second_step", "ana", stdout=StringIO())
    assert not SecondFactor.objects.exists()


def test_whoever_deletes_the_account_is_not_stopped_by_it(ana: Any, secret: str) -> None:
    no_key_opens_it(ana)
    boss = another_manager()
    assert "ana" in words(boss.get(f"/admin/auth/user/{ana.pk}/delete/"))
    User.objects.get(pk=ana.pk).delete()
    assert SecondFactor.objects.count() == 1


@pytest.mark.parametrize("minutes", [0, 9])
def test_another_phone_is_set_up_within_ten_minutes(ana: Any, secret: str, minutes: int) -> None:
    client = signed_in(secret)
    made, later = may_set_it_up(client, secret), NOW + timedelta(minutes=minutes)
    with time_machine.travel(later, tick=False):
        assert made in words(client.get(MINE))
        client.post(MINE, {"code": code_at(made, later)})
    assert SecondFactor.objects.get().secret == made


def test_after_ten_minutes_the_right_to_another_phone_is_gone_and_so_is_its_key(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    made, later = may_set_it_up(client, secret), NOW + timedelta(minutes=11)
    with time_machine.travel(later, tick=False):
        answer = client.post(MINE, {"code": code_at(made, later)})
        assert (answer.status_code, "That took more than 10 minutes" in words(answer)) == (422, True)
        assert "It is on" in words(client.get(MINE))
        assert SecondFactor.objects.get().secret == secret
        assert may_set_it_up(client, secret, later) != made
    assert not SignInFailure.objects.exists()


def test_a_page_that_was_left_open_is_no_way_to_guess_codes_of_the_old_phone(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    may_set_it_up(client, secret)
    later = NOW + timedelta(minutes=11)
    with time_machine.travel(later, tick=False):
        client.get(MINE)
        answer = words(client.post(MINE, {"code": code_at(secret, later)}))
    assert "That took more than 10 minutes" in answer
    assert "recovery codes now" not in answer


def test_a_right_that_was_given_before_this_was_bounded_is_gone(ana: Any, secret: str) -> None:
    client = signed_in(secret)
    session = client.session
    session["second_step_may_be_replaced"] = True
    session.save()
    assert "It is on" in words(client.get(MINE))


def test_no_code_secret_or_name_reaches_a_log(ana: Any, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    code = code_at(secret, NOW)
    tries(Client(), password="wrong")
    tries(Client(), code=code)
    logged = " ".join(record.getMessage() for record in caplog.records)
    for private in (secret, code, PASSWORD, "ana"):
        assert private not in logged


def test_it_is_needed_exactly_where_strangers_reach_the_site() -> None:
    assert real_settings.STAFF_NEEDS_SECOND_FACTOR is real_settings.IS_PRODUCTION is False
