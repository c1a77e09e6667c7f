"""Changes facts and keeps what they were: the only writer of FactChange, and of Fact once staff edit it. A medical fact
is proposed by anybody and goes live only by whoever may publish medical pages. Must not look at visits."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pages import publishing
from pages.models import Fact, FactChange

Editor = AbstractBaseUser | AnonymousUser
SIGN_OFF = "pages.publish_medical_page"
_State = FactChange.State


class ChangeRefusedError(Exception):
    """The fact stays as it is; the message says why, in words for the editor."""


def may_decide(fact: Fact, *, by: Editor) -> bool:
    """Whether this person's change goes live without anybody else."""
    return not fact.spec.medical or bool(getattr(by, "has_perm", lambda _name: False)(SIGN_OFF))


def waiting(fact: Fact) -> FactChange | None:
    """The value that waits for its sign-off."""
    return fact.changes.filter(state=_State.PROPOSED).select_related("made_by").first()


def last_made(fact: Fact) -> FactChange | None:
    """The change that gave the fact its value; the only one that can be undone."""
    return fact.changes.filter(state=_State.LIVE).order_by("-decided_at", "-pk").first()


@transaction.atomic
def change(fact: Fact, *, value: str, by: Editor, value_es: str = "") -> FactChange:
    """Give the fact a value at once, or propose it where a sign-off is needed. Raises ChangeRefusedError."""
    fact = Fact.objects.select_for_update().get(pk=fact.pk)
    now = timezone.now()
    is_live = may_decide(fact, by=by)
    made = FactChange(
        fact=fact,
        old_value=fact.value,
        old_value_es=fact.value_es,
        **_checked(fact, value, value_es),
        state=_State.LIVE if is_live else _State.PROPOSED,
        made_by_id=by.pk,
        decided_by_id=by.pk if is_live else None,
        decided_at=now if is_live else None,
    )
    if not is_live and waiting(fact):
        raise ChangeRefusedError(_("A value is already waiting for sign-off. It has to be decided first."))
    made.save()
    if is_live:
        _write(fact, made, by=by)
    return made


@transaction.atomic
def approve(proposed: FactChange, *, by: Editor) -> None:
    """Sign a proposal off: it is live at once. Raises ChangeRefusedError."""
    made = _waiting(proposed, by=by)
    fact = Fact.objects.select_for_update().get(pk=made.fact_id)
    if (fact.value, fact.value_es) != (made.old_value, made.old_value_es):
        raise ChangeRefusedError(_("The fact was changed after this was proposed. Refuse it and propose it anew."))
    _decide(made, _State.LIVE, by=by)
    _write(fact, made, by=by)


@transaction.atomic
def refuse(proposed: FactChange, *, by: Editor) -> None:
    """Leave the fact as it is. Whoever proposed it may take it back."""
    _decide(_waiting(proposed, by=by, or_own=True), _State.REFUSED, by=by)


def undo(made: FactChange, *, by: Editor) -> FactChange:
    """Put back what was there before the last change; a medical fact needs the sign-off for this too."""
    last = last_made(made.fact)
    if last is None or last.pk != made.pk:
        raise ChangeRefusedError(_("The fact was changed again since. Only the last change can be undone."))
    return change(made.fact, value=made.old_value, value_es=made.old_value_es, by=by)


def taken_over(fact: Fact, *, old: tuple[str, str], by: Editor | None, now: datetime) -> FactChange:
    """Remember that a file of content (pages/transfer) brought another value, so that it can be undone."""
    return FactChange.objects.create(
        fact=fact,
        old_value=old[0],
        old_value_es=old[1],
        value=fact.value,
        value_es=fact.value_es,
        state=_State.LIVE,
        made_by_id=by.pk if by else None,
        made_at=now,
        decided_by_id=by.pk if by else None,
        decided_at=now,
    )


def may_be_kept(change: FactChange) -> bool:
    """Whether a change out of a file fits: one value of a fact can wait for sign-off at a time. Raises
    ChangeRefusedError for a value that the fact cannot have."""
    for value, value_es in ((change.old_value, change.old_value_es), (change.value, change.value_es)):
        _checked(change.fact, value, value_es)
    return change.state != _State.PROPOSED or waiting(change.fact) is None


def _waiting(proposed: FactChange, *, by: Editor, or_own: bool = False) -> FactChange:
    made = FactChange.objects.select_for_update().select_related("fact").get(pk=proposed.pk)
    if not may_decide(made.fact, by=by) and not (or_own and made.made_by_id == by.pk):
        raise ChangeRefusedError(_("Only people who may publish medical pages can decide this."))
    if made.state != _State.PROPOSED:
        raise ChangeRefusedError(_("Somebody has decided this already."))
    return made


def _decide(made: FactChange, state: FactChange.State, *, by: Editor) -> None:
    made.state, made.decided_by_id, made.decided_at = state, by.pk, timezone.now()
    made.save()


def _checked(fact: Fact, value: str, value_es: str) -> dict[str, str]:
    trial = Fact(key=fact.key, value=value, value_es=value_es)
    try:
        trial.clean()
    except ValidationError as error:
        raise ChangeRefusedError(" ".join(error.messages)) from error
    return {"value": trial.value, "value_es": trial.value_es}


def _write(fact: Fact, made: FactChange, *, by: Editor) -> None:
    fact.value, fact.value_es, fact.changed_by_id = made.value, made.value_es, by.pk
    fact.is_placeholder = False  # somebody entered it
    fact.save()
    publishing.bump()
