"""The histories are only ever added to, and the database itself says so: consent, what happened to a request, who
looked at it. Only the one encrypted column of each may be rewritten (a new key) or blanked (deletion of what is
personal); it can never be filled in afterwards.

On SQLite a later change of one of these tables makes it anew and loses its triggers: that migration has to run
`guard` again. tests/booking/test_append_only.py fails until it does.
"""

from django.db import migrations

# Table, its columns that never change, and the encrypted one that may ("" where there is none).
LEDGERS = (
    (
        "booking_consentevent",
        (
            *("id", "contact_number_id", "request_id", "kind", "source", "at", "wording_id", "wording_version"),
            *("wording_language", "wording", "wording_hash", "page", "form_version", "network", "recorded_by_id"),
        ),
        "said",
    ),
    (
        "booking_requestevent",
        ("id", "request_id", "at", "verb", "actor_kind", "actor_id", "from_status", "to_status"),
        "note",
    ),
    ("booking_accessevent", ("id", "at", "user_id", "request_id", "what"), ""),
)
REFUSAL = "This history is only ever added to."


def sqlite(table, columns, free):
    """Two triggers for one table."""
    changed = " OR ".join(f'NEW."{column}" IS NOT OLD."{column}"' for column in columns)
    if free:
        # A value of our cipher starts with gAAAA.
        changed += (
            f' OR (NEW."{free}" IS NOT OLD."{free}"'
            f""" AND (OLD."{free}" = '' OR (NEW."{free}" <> '' AND NEW."{free}" NOT LIKE 'gAAAA%')))"""
        )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return (
        f'CREATE TRIGGER IF NOT EXISTS "{table}_no_delete" BEFORE DELETE ON "{table}" {refuse}',
        f'CREATE TRIGGER IF NOT EXISTS "{table}_no_update" BEFORE UPDATE ON "{table}" WHEN {changed} {refuse}',
    )


POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION booking_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    free text := TG_ARGV[0];
    old_words text;
    new_words text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free THEN
        old_words := to_jsonb(OLD) ->> free;
        new_words := to_jsonb(NEW) ->> free;
        IF new_words IS NOT DISTINCT FROM old_words
           OR (old_words <> '' AND (new_words = '' OR new_words LIKE 'gAAAA%')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
END
$body$
"""


def postgresql(table, columns, free):
    """One trigger for one table."""
    return (
        f'CREATE OR REPLACE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION booking_append_only('{free}')",
    )


def guard(apps, schema_editor):
    """Make the triggers."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)
    make = {"sqlite": sqlite, "postgresql": postgresql}[vendor]
    for ledger in LEDGERS:
        for statement in make(*ledger):
            schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    """Drop them."""
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, _columns, _free in LEDGERS:
        if on_postgresql:
            schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_append_only" ON "{table}"', params=None)
        else:
            for kind in ("no_delete", "no_update"):
                schema_editor.execute(f'DROP TRIGGER IF EXISTS "{table}_{kind}"', params=None)
    if on_postgresql:
        schema_editor.execute("DROP FUNCTION IF EXISTS booking_append_only()", params=None)


class Migration(migrations.Migration):
    dependencies = [("booking", "0004_quiet_hours_and_pauses")]

    operations = [migrations.RunPython(guard, unguard)]
