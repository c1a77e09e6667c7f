"""System checks of the content for `check --deploy`: what only the clinic knows must be known and real on a live site.
Must stay silent where the tables do not exist yet."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import DatabaseError, connection

from pages import approvals
from pages.fact_list import FACTS
from pages.models import Fact, Office, OpeningHours


# Not Tags.database: checks with that tag run only where a database is named on the command line.
@register("clinic", deploy=True)
def clinic_facts_are_real(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """On a live site: no blank and no made-up fact that patients rely on."""
    if not settings.IS_PRODUCTION:
        return []
    try:
        tables = set(connection.introspection.table_names())
        needed = {Fact._meta.db_table, Office._meta.db_table, OpeningHours._meta.db_table}
        if not needed <= tables:
            return []
        return [*_facts(), *_offices(), *_hours(), *_approvals()]
    except DatabaseError:
        return []  # another check says that the database does not answer


def _facts() -> Iterable[CheckMessage]:
    rows = {fact.key: fact for fact in Fact.objects.all()}
    for key, spec in FACTS.items():
        fact = rows.get(key)
        if fact is not None and fact.is_placeholder:
            yield Error(f"The fact “{spec.label}” is made up.", hint=_where(key), id="pages.E001")
        elif spec.needs_client and (fact is None or not fact.value):
            yield Error(f"The fact “{spec.label}” is not known.", hint=_where(key), id="pages.E002")


def _where(key: str) -> str:
    return f"Enter the real value in the admin under Website content, Facts, {key}."


def _offices() -> Iterable[CheckMessage]:
    hint = "Enter the address in the admin under Website content, Offices."
    for office in Office.objects.all():
        if office.is_placeholder:
            yield Error(f"The address of the office {office.name} is made up.", hint=hint, id="pages.E003")
        elif not office.street:
            yield Error(f"The address of the office {office.name} is not known.", hint=hint, id="pages.E004")


def _hours() -> Iterable[CheckMessage]:
    clinic = OpeningHours.objects.filter(office=None)
    if clinic.filter(is_placeholder=True).exists() or not clinic.exists():
        hint = "Confirm them in the admin under Website content, Opening hours. The promise counts in them."
        yield Error("The hours of the clinic are not confirmed.", hint=hint, id="pages.E005")


def _approvals() -> Iterable[CheckMessage]:
    if number := len(approvals.waiting()):
        hint = "See the list in the admin under Website content, Pages, Waiting for the doctor."
        yield Warning(f"{number} texts or sources wait for the doctor's approval.", hint=hint, id="pages.W001")
