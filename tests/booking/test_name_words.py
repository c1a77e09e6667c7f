"""By which words somebody is found, also somebody who asked before names were taken apart."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from booking import name_words
from booking.encryption import lookup_hash
from booking.models import AppointmentRequest, NameWord
from tests import factories


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("María López", {"maria", "lopez"}),
        ("Sofía Ramírez-Castellanos", {"sofia", "ramirez-castellanos", "ramirez", "castellanos", "ramirezcastellanos"}),
        ("Nora O'Brien", {"nora", "o'brien", "o", "brien", "obrien"}),
        ("Nora O’Brien", {"nora", "o’brien", "o", "brien", "obrien"}),
        ("Ana Ruiz – Soto", {"ana", "ruiz", "–", "soto"}),
        ("-", {"-"}),
        ("", set()),
    ],
)
def test_a_name_is_found_whole_and_by_its_parts(name: str, words: set[str]) -> None:
    assert name_words.of(name) == words


def test_a_hyphen_that_must_not_break_is_a_hyphen() -> None:
    assert {"ruiz", "soto"} <= name_words.of("Ruiz\u2011Soto")


@pytest.mark.usefixtures("now", "clinic")
class TestCompleting:
    def test_who_asked_before_is_found_by_each_part_afterwards(self, capsys: Any) -> None:
        asked = _as_stored_before("Sofía Ramírez-Castellanos")
        assert not name_words.holders(["ramirez"]).exists()
        call_command("complete_name_words")
        assert list(name_words.holders(["ramirez"])) == [asked]
        assert list(name_words.holders(["sofia", "castellanos"])) == [asked]
        assert capsys.readouterr().out == "1 names looked at, 1 can now be found by more words.\n"

    def test_a_second_time_changes_nothing(self, capsys: Any) -> None:
        _as_stored_before("Sofía Ramírez-Castellanos")
        call_command("complete_name_words")
        before = set(NameWord.objects.values_list("pk", flat=True))
        call_command("complete_name_words")
        assert set(NameWord.objects.values_list("pk", flat=True)) == before
        assert capsys.readouterr().out.endswith("1 names looked at, 0 can now be found by more words.\n")

    def test_every_batch_is_gone_through(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("booking.name_words.AT_ONCE", 2)
        asked = [_as_stored_before("Ana Ruiz-Soto") for _ in range(5)]
        assert [rows for rows, _given, _unreadable in name_words.complete()] == [2, 2, 1]
        assert set(name_words.holders(["soto"])) == set(asked)

    def test_who_was_forgotten_stays_unknown(self) -> None:
        _as_stored_before("Ana Ruiz-Soto")
        AppointmentRequest.objects.update(name="")
        NameWord.objects.all().delete()
        call_command("complete_name_words")
        assert not NameWord.objects.exists()

    def test_who_is_forgotten_in_that_moment_stays_unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        _as_stored_before("Ana Ruiz-Soto")
        read = name_words.decrypt

        def and_forget(stored: str) -> str:
            NameWord.objects.all().delete()
            AppointmentRequest.objects.update(name="")
            return read(stored)

        monkeypatch.setattr("booking.name_words.decrypt", and_forget)
        call_command("complete_name_words")
        assert not NameWord.objects.exists()

    def test_a_name_that_no_key_opens_is_said_and_stops_nobody_else(self) -> None:
        broken, asked = _as_stored_before("Ana Ruiz-Soto"), _as_stored_before("Eva Gil-Mora")
        strange = Cast(Value("no ciphertext", output_field=TextField()), TextField())
        AppointmentRequest.objects.filter(pk=broken.pk).update(name=strange)
        with pytest.raises(CommandError, match=f"names of 1 requests, among them {broken.pk}"):
            call_command("complete_name_words")
        assert [one.pk for one in name_words.holders(["mora"]).only("pk")] == [asked.pk]


def _as_stored_before(name: str) -> AppointmentRequest:
    """A request with the words that were stored when a name was split at spaces alone."""
    asked = factories.a_request(name=name)
    asked.name_words.all().delete()
    for word in name_words.whole(name):
        NameWord.objects.create(request=asked, word_hash=lookup_hash("name_word", word))
    return asked
