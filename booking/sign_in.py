"""The second step of a staff sign-in, codes for a day without the phone, and the lock after too many tries. Must not
know passwords (Django does) or pages.

Codes are those of RFC 6238, checked with the library that encrypts our values. Each counts once, also when two requests
race with it. A failure is counted by keyed hashes of the name and of the network, so that the table tells nobody who
tried; the lock is counted, never set, and ends by itself.
"""

import base64
import hmac
import logging
import re
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, Subquery

from booking.encryption import UnreadableValue, folded, lookup_hash
from booking.models import RecoveryCode, SecondFactor, SignInFailure

logger = logging.getLogger("booking.sign_in")

PASSED = "second_step_passed"  # in the session: which second step was passed, as which_step() says it
STEP = 30
STEPS_OFF = 1  # a clock may be half a minute wrong either way
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

LOCK = timedelta(minutes=15)
MOST_TRIES = 5  # for one name from one network
MOST_FROM_A_NETWORK = 30  # many names, one password
MOST_CODES = 10  # wrong codes after the right password, from anywhere: only who knows the password can cause this lock
MOST_FOR_A_NAME = 60  # one name, many networks; high, so that a stranger cannot easily lock somebody out
KEEP_FAILURES = timedelta(days=1)


class CannotCheck(Exception):
    """No current key opens the secret of a second step: no code of that phone can be checked, a recovery code can."""


def factor_of(user: User) -> SecondFactor | None:
    """The second factor, if this member of staff has set one up."""
    return SecondFactor.objects.filter(user=user).first()


class StaffBackend(ModelBackend):
    """Django's own, which reads the second step in the query that every request of staff begins with."""

    def get_user(self, user_id: int) -> User | None:
        """The member of staff, with `second_step_since`."""
        since = SecondFactor.objects.filter(user=OuterRef("pk")).order_by().values("made_at")
        user = User.objects.annotate(second_step_since=Subquery(since)).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def step_at_request(user: User) -> str:
    """What which_step() said when StaffBackend read this member of staff."""
    return _named(user.second_step_since)  # type: ignore[attr-defined]


def which_step(user: User) -> str:
    """The second step that this member of staff has now, "" for none. It is another one after a deletion and after a
    move to another phone, and the same after new recovery codes and under a new data key."""
    return _named(SecondFactor.objects.filter(user=user).values_list("made_at", flat=True).first())


def _named(since: datetime | None) -> str:
    return "" if since is None else since.isoformat()


def new_secret() -> str:
    """160 bits, base32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def app_address(user: User, secret: str, *, issuer: str) -> str:
    """What stands in the square that the phone's camera reads."""
    return _totp(secret).get_provisioning_uri(user.get_username(), issuer)


def enrol(*, user: User, secret: str, code: str, now: datetime) -> list[str]:
    """Keep the secret, if the phone shows the right code for it, and return new recovery codes; else nothing."""
    step = _step_of(secret, code, now=now)
    if step is None:
        return []
    with transaction.atomic():
        values = {"secret": secret, "last_step": step, "made_at": now}
        factor, _created = SecondFactor.objects.update_or_create(user=user, defaults=values)
        codes = renew_recovery_codes(factor)
    logger.info("Staff %s set up a second step.", user.pk)
    return codes


def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """Ten new codes; the old ones open nothing any more. Shown once."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        factor.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(factor=factor, code_hash=_code_hash(factor, code)) for code in codes
        )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def passes(*, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether the code is right and was not used before: six digits of the app, or a recovery code. Raises CannotCheck
    for six digits, when no key opens the secret."""
    typed = re.sub(r"[\s-]", "", code).casefold()
    if re.fullmatch(r"\d{6}", typed):
        step = _step_of(_secret_of(factor), typed, now=now)
        unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0)
        return step is not None and unused.update(last_step=step) == 1
    left = factor.recovery_codes.filter(code_hash=_code_hash(factor, typed), used_at__isnull=True)
    return left.update(used_at=now) == 1


def is_locked(*, name: str, network: str, now: datetime) -> bool:
    """Whether there were too many failures lately. `network` is a keyed hash (links.network_hash)."""
    lately = SignInFailure.objects.filter(at__gt=now - LOCK)
    by_name, by_network = lately.filter(name_hash=_name_hash(name)), lately.filter(network_hash=network)
    return (
        by_name.filter(network_hash=network).count() >= MOST_TRIES
        or by_network.count() >= MOST_FROM_A_NETWORK
        or by_name.count() >= MOST_FOR_A_NAME
        or lately.filter(name_hash=_guesses_hash(name)).count() >= MOST_CODES
    )


def record_failure(*, name: str, network: str, now: datetime, guessed_code: bool = False) -> None:
    """Count one try that failed. `guessed_code`: the password was right and the code was not; these count together
    wherever they come from, and no success clears them, or whoever has the password could go on for ever."""
    SignInFailure.objects.create(at=now, name_hash=_name_hash(name), network_hash=network)
    if guessed_code:
        SignInFailure.objects.create(at=now, name_hash=_guesses_hash(name))
        logger.warning("A staff sign-in failed at the code, after the right password.")
    else:
        logger.warning("A staff sign-in failed.")


def record_success(*, user: User, network: str, now: datetime) -> None:
    """Earlier slips of the same person from the same place count no more."""
    mine = {"name_hash": _name_hash(user.get_username()), "network_hash": network}
    SignInFailure.objects.filter(**mine, at__lte=now).delete()
    logger.info("Staff %s signed in.", user.pk)


def tidy(*, now: datetime) -> int:
    """Delete failures that no lock looks at. How many."""
    return SignInFailure.objects.filter(at__lt=now - KEEP_FAILURES).delete()[0]


def _secret_of(factor: SecondFactor) -> str:
    try:
        return factor.secret
    except UnreadableValue:
        # Without a traceback, which would hold more than her number.
        logger.error("Staff %s: no current key opens the secret of the second step.", factor.user_id)  # noqa: TRY400
        raise CannotCheck from None


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), 6, SHA1(), STEP)  # noqa: S303 (the algorithm that apps know)


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The half minute whose code this is, near enough to now."""
    typed = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", typed):
        return None
    current, totp = int(now.timestamp()) // STEP, _totp(secret)
    near = range(current - STEPS_OFF, current + STEPS_OFF + 1)
    return next((step for step in near if hmac.compare_digest(totp.generate(step * STEP), typed.encode())), None)


def _name_hash(name: str) -> str:
    return lookup_hash("staff_name", folded(name)[:150])


def _guesses_hash(name: str) -> str:
    return lookup_hash("staff_code", folded(name)[:150])


def _code_hash(factor: SecondFactor, code: str) -> str:
    return lookup_hash("recovery_code", f"{factor.pk}:{code}")
