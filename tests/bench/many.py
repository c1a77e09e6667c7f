"""Fills the tables of the desk with as many requests as wanted, by INSERT … SELECT in the database itself, so that a
million take a minute. Must not be used by the site: what it writes is made up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, models, transaction

from booking.encryption import encrypt, lookup_hash
from booking.models import AppointmentRequest, Service
from pages.models import Office, Physician

CHUNK = 50_000
LAST_FOUR, NAME_WORD = "0134", "lopez"
# Out of a thousand requests: enough that wait for a full page of the queue at the first size, far too many at the last.
USUAL = {"new": 50, "next_cycle": 10, "waiting": 15, "confirmed": 25, "cancelled": 200, "declined": 60, "expired": 90}
ALL_WAIT = {"new": 1000}
# Confirmed visits lie ahead, but for a few that are over and that nobody marked; all others are long marked.
HOURS_TO_VISIT = (
    "CASE WHEN NOT {is_set} THEN -24 * (1 + i % 900) WHEN i % 397 = 1 THEN -3 - i % 40 ELSE 30 + i % 500 END"
)


def fill(size: int, *, mix: dict[str, int], now: datetime, staff_id: int) -> None:
    """Add requests until there are `size`, each with what the queue shows of it."""
    have = AppointmentRequest.objects.count()
    for first, last in _chunks(have, size):
        with transaction.atomic(), connection.cursor() as cursor:
            for sql in _inserts(first, last, mix=mix, now=now, staff_id=staff_id):
                cursor.execute(sql)
    settle()


def settle() -> None:
    """What each database does by itself after a while, or never: PostgreSQL's autovacuum; SQLite has none."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _chunks(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, CHUNK):
        yield start + 1, min(last, start + CHUNK)


def _series(first: int, last: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "


def _status(mix: dict[str, int]) -> str:
    """Which status number `i` has, as SQL; 617 has no factor in common with 1000, so they are well mixed."""
    so_far, cases = 0, []
    for name, share in mix.items():
        so_far += share
        cases.append(f"WHEN (i * 617) % 1000 < {so_far} THEN '{name}'")
    return f"CASE {' '.join(cases)} ELSE 'completed' END"


def _instants(now: datetime, *, status: str) -> dict[str, str]:
    """Instants and days that differ from row to row, in the words of this database."""
    day = (now + timedelta(days=2)).date().isoformat()
    at = now.strftime("%Y-%m-%d %H:%M:%S")
    hours = HOURS_TO_VISIT.format(is_set=f"({status}) = 'confirmed'")
    if connection.vendor == "postgresql":
        return {
            "received": f"timestamptz '{at}+00' - make_interval(mins => (i % 4000)::int)",
            "due": f"timestamptz '{at}+00' + make_interval(mins => (1500 - (i * 7) % 4000)::int)",
            "closed": f"timestamptz '{at}+00' - make_interval(days => (i % 900)::int)",
            "visit": f"timestamptz '{at}+00' + make_interval(hours => ({hours})::int)",
            "visit_end": f"timestamptz '{at}+00' + make_interval(hours => (1 + {hours})::int)",
            "day": f"date '{day}' + (i % 40)::int",
        }
    return {
        "received": f"datetime('{at}', '-' || (i % 4000) || ' minutes')",
        "due": f"datetime('{at}', (1500 - (i * 7) % 4000) || ' minutes')",
        "closed": f"datetime('{at}', '-' || (i % 900) || ' days')",
        "visit": f"datetime('{at}', ({hours}) || ' hours')",
        "visit_end": f"datetime('{at}', (1 + {hours}) || ' hours')",
        "day": f"date('{day}', (i % 40) || ' days')",
    }


def _inserts(first: int, last: int, *, mix: dict[str, int], now: datetime, staff_id: int) -> Iterator[str]:
    """One INSERT for each table. Ids are the numbers themselves; ciphertexts and hashes hold no quotes."""
    status = _status(mix)
    when = _instants(now, status=status)
    office = Office.objects.values_list("pk", flat=True)[0]
    physician = Physician.objects.values_list("pk", flat=True)[0]
    service = Service.objects.filter(key="hsg").values_list("pk", flat=True)[0]
    facts = "CAST('{}' AS jsonb)" if connection.vendor == "postgresql" else "'{}'"
    is_over = f"({status}) IN ('completed', 'declined', 'cancelled', 'expired')"
    number, name, typed = (encrypt(text) for text in ("+12135550134", "María Example López", "(213) 555-0134"))
    last_four, word = lookup_hash("last4", LAST_FOUR), lookup_hash("name_word", NAME_WORD)
    tables: list[tuple[str, dict[str, str], str]] = [
        (
            "contactnumber",
            {
                "id": "i",
                "number": f"'{number}'",
                "number_hash": "'bench-' || i",
                "last_four_hash": f"CASE WHEN i % 10000 = 134 THEN '{last_four}' ELSE 'l' || (i % 10000) END",
                "created_at": when["received"],
            },
            "",
        ),
        (
            "appointmentrequest",
            {
                "id": "i",
                "reference": "substr('00000000' || i, length('' || i) + 1, 8)",
                "form_id": "'bench-' || i",
                "link_hash": "'bench-' || i",
                "link_version": "1",
                "service_id": f"{service}",
                "office_id": f"{office}",
                "contact_number_id": "i",
                "name": f"'{name}'",
                "phone_typed": f"'{typed}'",
                "timing": "'days'",
                "daypart": "'any'",
                "contact": "'text'",
                "best_time": "'any'",
                "speaks": "CASE WHEN i % 10 = 3 THEN 'es' ELSE 'en' END",
                "page_language": "'en'",
                "status": status,
                "status_reason": "''",
                "source": "'web'",
                "created_at": when["received"],
                "promise_due_at": when["due"],
                "last_acceptable_day": when["day"],
                "closed_at": f"CASE WHEN {is_over} THEN {when['closed']} END",
            },
            "",
        ),
        (
            "nameword",
            {"request_id": "i", "word_hash": f"CASE WHEN i % 1000 = 7 THEN '{word}' ELSE 'w' || (i % 5000) END"},
            "",
        ),
        ("requestedday", {"request_id": "i", "day": when["day"]}, ""),
        (
            "consentevent",
            {
                "contact_number_id": "i",
                "request_id": "i",
                "kind": "'granted'",
                "source": "'form'",
                "at": when["received"],
                "wording_version": "1",
                "wording_language": "'en'",
                **dict.fromkeys(("wording_id", "wording", "wording_hash", "page"), "'bench'"),
            },
            "",
        ),
        (
            "accessevent",
            {"at": when["received"], "user_id": f"{staff_id}", "request_id": "i", "what": "'listed'"},
            "",
        ),
        (
            "visit",
            {
                "request_id": "i",
                "version": "1",
                "physician_id": f"{physician}",
                "office_id": f"{office}",
                "service_id": f"{service}",
                "starts_at": when["visit"],
                "ends_at": when["visit_end"],
                "facts": facts,
                "confirmed_at": when["closed"],
            },
            f"({status}) IN ('completed', 'confirmed')",
        ),
        (
            "incomingtext",
            {
                "contact_number_id": "i",
                "provider_id": "'bench-' || i",
                "body": f"'{name}'",
                "received_at": when["received"],
                "meaning": "'other'",
                "is_unplaced": "i % 5000 = 2",
            },
            "i % 10 = 2",
        ),
        (
            "desktask",
            {"request_id": "i", "kind": "'message_failed'", "opened_at": when["received"]},
            "i % 5000 = 1",
        ),
    ]
    for table, known, only in tables:
        columns = {**_plain(table), **known}
        where = f" WHERE {only}" if only else ""
        yield (
            f"INSERT INTO booking_{table} ({', '.join(columns)}) {_series(first, last)}"
            f"SELECT {', '.join(columns.values())} FROM n{where}"
        )


def _plain(table: str) -> dict[str, str]:
    """A plain value for each column that may not be empty: its default, nothing, or no."""
    found = {}
    for field in apps.get_model("booking", table)._meta.concrete_fields:
        if field.null or field.primary_key or field.generated or field.is_relation:
            continue
        value = field.get_default()
        if isinstance(field, models.BooleanField):
            found[field.column] = "TRUE" if value else "FALSE"
        elif isinstance(field, models.CharField | models.TextField):
            found[field.column] = f"'{value}'"
        elif isinstance(field, models.IntegerField) and value is not None:
            found[field.column] = f"{value}"
    return found
