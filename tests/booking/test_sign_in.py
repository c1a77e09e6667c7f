"""The second step of a sign-in: a code counts once, the lock counts tries and ends by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from booking import sign_in
from booking.models import RecoveryCode, SecondFactor, SignInFailure
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NETWORK, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def user() -> Any:
    """A member of staff without a second step."""
    return factories.a_staff_user("ana")


def code_at(secret: str, when: datetime) -> str:
    """What the app on the phone shows."""
    return sign_in._totp(secret).generate(int(when.timestamp())).decode()


@pytest.fixture
def secret(user: Any) -> str:
    """Set up, an hour ago."""
    made = sign_in.new_secret()
    before = NOW - timedelta(hours=1)
    assert sign_in.enrol(user=user, secret=made, code=code_at(made, before), now=before)
    return made


def passes(user: Any, code: str, now: datetime = NOW) -> bool:
    factor = sign_in.factor_of(user)
    assert factor is not None
    return sign_in.passes(factor=factor, code=code, now=now)


@pytest.mark.parametrize(
    ("seconds", "digits"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, digits: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    assert code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(seconds, UTC)) == digits


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_may_be_half_a_minute_wrong(user: Any, secret: str, seconds: int) -> None:
    assert passes(user, code_at(secret, NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-90, 90, 3600])
def test_an_old_or_future_code_opens_nothing(user: Any, secret: str, seconds: int) -> None:
    assert not passes(user, code_at(secret, NOW + timedelta(seconds=seconds)))


def test_a_code_counts_once_and_so_does_every_earlier_one(user: Any, secret: str) -> None:
    code = code_at(secret, NOW)
    assert passes(user, f" {code[:3]} {code[3:]} ")
    assert not passes(user, code)
    assert not passes(user, code_at(secret, NOW - timedelta(seconds=30)))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 300])
def test_what_is_no_code_opens_nothing(user: Any, secret: str, code: str) -> None:
    assert not passes(user, code)


def test_a_wrong_code_sets_nothing_up(user: Any) -> None:
    assert sign_in.enrol(user=user, secret=sign_in.new_secret(), code="000000", now=NOW) == []
    assert not SecondFactor.objects.exists()


def test_the_secret_cannot_be_read_in_the_database(user: Any, secret: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM booking_secondfactor")
        (stored,) = cursor.fetchone()
    assert secret not in stored
    assert stored.startswith("gAAAA")


def test_a_recovery_code_opens_once_in_any_spelling_and_only_its_own_account(user: Any, secret: str) -> None:
    factor = sign_in.factor_of(user)
    assert factor is not None
    first, second, *_rest = sign_in.renew_recovery_codes(factor)
    assert RecoveryCode.objects.count() == 10
    assert passes(user, first.upper())
    assert not passes(user, first)
    other = factories.a_staff_user("ben")
    made = sign_in.new_secret()
    sign_in.enrol(user=other, secret=made, code=code_at(made, NOW), now=NOW)
    assert not passes(other, second)
    sign_in.renew_recovery_codes(factor)
    assert not passes(user, second)


def fails(times: int, *, name: str = "ana", network: str = NETWORK, now: datetime = NOW) -> None:
    for _n in range(times):
        sign_in.record_failure(name=name, network=network, now=now)


def locked(name: str = "ana", network: str = NETWORK, now: datetime = NOW) -> bool:
    return sign_in.is_locked(name=name, network=network, now=now)


def test_after_five_failures_the_name_is_locked_from_there_for_a_quarter_of_an_hour() -> None:
    fails(4)
    assert not locked()
    fails(1, name="ANA ")
    assert locked()
    assert not locked(network=OTHER)
    assert not locked(name="ben")
    assert not locked(now=NOW + timedelta(minutes=15, seconds=1))


def test_one_network_cannot_try_many_names_nor_many_networks_one_name() -> None:
    for n in range(30):
        fails(1, name=f"staff{n}")
    assert locked(name="somebody else")
    for n in range(60):
        fails(1, name="ben", network=f"{n:032d}")
    assert locked(name="ben", network="c" * 32)


def test_a_success_forgets_the_slips_before_it(user: Any) -> None:
    fails(4)
    sign_in.record_success(user=user, network=NETWORK, now=NOW)
    fails(4)
    assert not locked()


def test_failures_are_kept_for_a_day_and_name_nobody() -> None:
    fails(1)
    assert "ana" not in str(SignInFailure.objects.values_list().get())
    assert sign_in.tidy(now=NOW + timedelta(hours=23)) == 0
    assert sign_in.tidy(now=NOW + timedelta(hours=25)) == 1
