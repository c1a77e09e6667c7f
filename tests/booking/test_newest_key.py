"""Every stored value comes under the newest key, without a value that changed meanwhile being lost."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps

from booking import encryption, newest_key, sign_in
from booking.encryption import EncryptedTextField, encrypt, key_number
from booking.models import AppointmentRequest, ConsentEvent, ContactNumber, RequestEvent, SecondFactor
from booking.newest_key import Place
from tests import factories
from tests.booking.in_turn import meet
from tests.booking.test_sign_in import code_at
from tests.factories import NOW

NEW = Fernet.generate_key().decode()


@pytest.fixture
def old_keys(settings: Any) -> list[str]:
    """What the site wrote under until now."""
    return list(settings.FIELD_ENCRYPTION_KEYS)


@pytest.fixture
def new_key(settings: Any, old_keys: list[str]) -> Any:
    """Puts a new key in front; the old one stays until nothing needs it."""

    def put_in_front() -> None:
        settings.FIELD_ENCRYPTION_KEYS = [NEW, *old_keys]

    return put_in_front


def cell(model: type[models.Model], field: str, pk: Any) -> str:
    """What stands in the database."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{field}" FROM "{model._meta.db_table}" WHERE id = %s', [pk])
        return str(cursor.fetchone()[0])


def write(model: type[models.Model], field: str, pk: Any, text: str) -> None:
    """Put it there, as it is."""
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{field}" = %s WHERE id = %s', [text, pk])


def place_of(model: type[models.Model]) -> Place:
    return next(place for place in newest_key.places() if place.rows.model is model)


def move(model: type[models.Model]) -> list[newest_key.Seen]:
    return [seen for batch in newest_key.move(place_of(model)) for seen in batch.seen]


@pytest.mark.usefixtures("clinic", "now")
class TestMoving:
    """One process, nobody else."""

    def test_every_encrypted_field_of_a_row_is_moved_and_says_the_same(self, new_key: Any, settings: Any) -> None:
        asked = factories.a_request(name="María", email="maria@mail.example", avoid="Not on Friday")
        new_key()
        assert move(AppointmentRequest) == []
        settings.FIELD_ENCRYPTION_KEYS = [NEW]
        there = AppointmentRequest.objects.defer("contact_number").get(pk=asked.pk)
        assert (there.name, there.email, there.avoid) == ("María", "maria@mail.example", "Not on Friday")

    def test_what_is_under_the_newest_key_already_is_not_written_again(self, new_key: Any) -> None:
        new_key()
        asked = factories.a_request(name="María")
        before = cell(AppointmentRequest, "name", asked.pk)
        with CaptureQueriesContext(connection) as queries:
            move(AppointmentRequest)
        assert cell(AppointmentRequest, "name", asked.pk) == before
        assert not [query for query in queries.captured_queries if "UPDATE" in query["sql"]]

    def test_what_is_blank_stays_blank(self, new_key: Any) -> None:
        asked = factories.a_request(name="")
        new_key()
        move(AppointmentRequest)
        assert cell(AppointmentRequest, "name", asked.pk) == ""

    def test_the_guarded_histories_are_moved_with_their_guards_on(self, new_key: Any) -> None:
        asked = factories.a_request()
        event = RequestEvent.objects.create(
            request=asked, at=NOW, verb="note", actor_kind="system", note="She speaks Polish", to_status=asked.status
        )
        said = ConsentEvent.objects.create(
            contact_number=asked.contact_number, kind="revoked", source="sms", at=NOW, said="Stop it, please"
        )
        new_key()
        assert move(RequestEvent) == move(ConsentEvent) == []
        assert key_number(cell(RequestEvent, "note", event.pk)) == 0
        assert RequestEvent.objects.get(pk=event.pk).note == "She speaks Polish"
        assert key_number(cell(ConsentEvent, "said", said.pk)) == 0
        assert ConsentEvent.objects.get(pk=said.pk).said == "Stop it, please"

    def test_a_second_step_is_moved_and_the_same_phone_goes_on_opening(self, new_key: Any, settings: Any) -> None:
        ana, secret = factories.a_staff_user("ana"), sign_in.new_secret()
        sign_in.enrol(user=ana, secret=secret, code=code_at(secret, NOW), now=NOW)
        new_key()
        move(SecondFactor)
        settings.FIELD_ENCRYPTION_KEYS = [NEW]
        factor = sign_in.factor_of(ana)
        assert factor is not None
        assert factor.secret == secret

    def test_a_value_under_no_key_stays_and_stops_no_other(self, new_key: Any) -> None:
        first, second = factories.a_request(name="Ana", email="ana@mail.example"), factories.a_request(name="Ben")
        damaged = encrypt("Ana")[:-10] + "AAAAAAAAA="
        write(AppointmentRequest, "name", first.pk, damaged)
        new_key()
        move(AppointmentRequest)
        assert cell(AppointmentRequest, "name", first.pk) == damaged
        assert key_number(cell(AppointmentRequest, "email", first.pk)) == 0
        assert key_number(cell(AppointmentRequest, "name", second.pk)) == 0

    def test_ended_after_a_batch_it_goes_on_from_there(self, new_key: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(newest_key, "AT_ONCE", 2)
        asked = [factories.a_request(phone_e164=f"+1213555{number}") for number in range(1000, 1005)]
        new_key()
        batches = newest_key.move(place_of(AppointmentRequest))
        assert next(batches).rows == 2
        batches.close()
        moved = [key_number(cell(AppointmentRequest, "name", one.pk)) for one in asked]
        assert moved == [0, 0, 1, 1, 1]
        assert [batch.rows for batch in newest_key.move(place_of(AppointmentRequest))] == [2, 2, 1]
        assert {key_number(cell(AppointmentRequest, "name", one.pk)) for one in asked} == {0}

    def test_between_two_batches_the_site_has_its_turn(self, new_key: Any, monkeypatch: Any) -> None:
        """On SQLite a batch holds the whole database; on PostgreSQL nobody waits for it."""
        rests: list[float] = []
        monkeypatch.setattr(newest_key, "AT_ONCE", 2)
        monkeypatch.setattr("booking.newest_key.time.sleep", rests.append)
        for number in range(1000, 1003):
            factories.a_request(phone_e164=f"+1213555{number}")
        new_key()
        move(AppointmentRequest)
        assert rests == ([newest_key.REST] * 2 if connection.vendor == "sqlite" else [])
        rests.clear()
        move(AppointmentRequest)
        assert rests == []

    def test_no_table_is_read_as_a_whole(self, new_key: Any) -> None:
        factories.a_request()
        new_key()
        with CaptureQueriesContext(connection) as queries:
            list(newest_key.look(place_of(AppointmentRequest)))
        read = [query["sql"] for query in queries.captured_queries if "booking_appointmentrequest" in query["sql"]]
        assert read
        assert all(f"LIMIT {newest_key.AT_ONCE}" in sql for sql in read)


@pytest.mark.usefixtures("clinic", "now")
class TestMeanwhile:
    """The site runs."""

    def changing(self, monkeypatch: Any, pk: Any, *texts: str) -> None:
        """Somebody else writes each of these texts in the moment between reading and writing."""
        waiting, rotate = list(texts), encryption.rotate

        def rotate_late(stored: str) -> str:
            if waiting:
                write(AppointmentRequest, "name", pk, waiting.pop(0))
            return rotate(stored)

        monkeypatch.setattr(newest_key, "rotate", rotate_late)

    def test_a_name_that_staff_corrected_meanwhile_is_not_overwritten(self, new_key: Any, monkeypatch: Any) -> None:
        asked = factories.a_request(name="Mario")
        corrected = encrypt("María")
        new_key()
        self.changing(monkeypatch, asked.pk, corrected)
        assert move(AppointmentRequest) == []
        assert AppointmentRequest.objects.get(pk=asked.pk).name == "María"
        assert key_number(cell(AppointmentRequest, "name", asked.pk)) == 0

    def test_a_name_that_was_forgotten_meanwhile_does_not_come_back(self, new_key: Any, monkeypatch: Any) -> None:
        asked = factories.a_request(name="María")
        new_key()
        self.changing(monkeypatch, asked.pk, "")
        move(AppointmentRequest)
        assert cell(AppointmentRequest, "name", asked.pk) == ""

    def test_a_row_that_never_rests_is_left_and_said(self, new_key: Any, monkeypatch: Any) -> None:
        asked = factories.a_request(name="María", email="", avoid="", phone_typed="", other_language="")
        texts = [encrypt(f"María {number}") for number in range(100)]
        new_key()
        self.changing(monkeypatch, asked.pk, *texts)
        assert [(seen.pk, seen.field, seen.key) for seen in move(AppointmentRequest)] == [(asked.pk, "name", 1)]

    def test_a_row_that_the_database_refuses_to_change_is_said_and_stops_no_other(
        self, new_key: Any, monkeypatch: Any
    ) -> None:
        first, second = factories.a_request(name="Ana"), factories.a_request(name="Ben")
        new_key()
        real = newest_key._write

        def refusing(place: Place, pk: Any, *texts: Any) -> bool:
            if pk == first.pk:
                raise IntegrityError("This history is only ever added to.")
            return real(place, pk, *texts)

        monkeypatch.setattr(newest_key, "_write", refusing)
        assert {(seen.pk, seen.key) for seen in move(AppointmentRequest)} == {(first.pk, 1)}
        assert key_number(cell(AppointmentRequest, "name", second.pk)) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("now")
def test_it_waits_for_a_move_of_staff_only_while_it_holds_nothing_itself(new_key: Any) -> None:
    """Staff hold the second row and then want the first: whoever held the first and waited for the second would stop
    both for ever."""
    numbers = [
        ContactNumber.objects.create(number=f"+121355501{n}", number_hash=f"{n}" * 16, created_at=NOW) for n in (34, 35)
    ]
    new_key()

    def correct(number: int) -> None:
        ContactNumber.objects.filter(pk=numbers[number].pk).update(number=f"+1213555019{number}")

    ended = meet(lambda: correct(1), lambda: move(ContactNumber), at_last=lambda: correct(0))
    assert ended == ["done", "done"]
    assert {key_number(cell(ContactNumber, "number", one.pk)) for one in numbers} == {0}
    assert [one.number for one in ContactNumber.objects.order_by("pk")] == ["+12135550190", "+12135550191"]


def test_the_encrypted_fields_of_all_models_are_found() -> None:
    found = {(place.table, name) for place in newest_key.places() for name in place.fields}
    assert found >= {
        ("booking_appointmentrequest", "email"),
        ("booking_appointmentrequest", "name"),
        ("booking_contactnumber", "number"),
        ("booking_secondfactor", "secret"),
        ("booking_requestevent", "note"),
        ("booking_consentevent", "said"),
        ("booking_outgoingmessage", "body"),
    }
    assert ("booking_contactnumber", "number_hash") not in found


@pytest.mark.django_db
@isolate_apps("booking")
def test_a_model_that_nobody_has_thought_of_yet_is_moved(new_key: Any) -> None:
    class Diary(models.Model):
        page = models.CharField(primary_key=True, max_length=20)
        words = EncryptedTextField()

        class Meta:
            app_label = "booking"

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE booking_diary (page varchar(20) PRIMARY KEY, words text NOT NULL)")
    Diary.objects.create(page="monday", words="Rain")
    new_key()
    [place] = newest_key.places(Diary._meta.apps)
    assert [batch.rows for batch in newest_key.move(place)] == [1]
    assert [(seen.pk, seen.field, seen.key) for batch in newest_key.look(place) for seen in batch.seen] == [
        ("monday", "words", 0)
    ]
