"""What a typed search may mean."""

import pytest

from booking.admin.look_up import found
from booking.models import ContactNumber
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "   ", "-", "+", "@", "12", "1" * 400, "é" * 300, "\x00"])
def test_odd_searches_find_nobody_and_break_nothing(typed: str) -> None:
    assert found(typed) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "Ramirez",
        "castellanos",
        "Ramírez-Castellanos",
        "ramirez castellanos",
        "sofia ramirez-castellanos",
        "RAMÍREZ‐CASTELLANOS",
    ],
)
def test_a_double_surname_is_found_by_either_part_and_whole(typed: str, clinic: None) -> None:
    asked = factories.a_request(name="Sofía Ramírez-Castellanos")
    factories.a_request(name="Sofía Ramos")
    assert found(typed) == [asked.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["O'Brien", "o’brien", "brien", "OBrien", "nora o'brien"])
def test_an_apostrophe_is_typed_or_not(typed: str, clinic: None) -> None:
    asked = factories.a_request(name="Nora O'Brien")
    assert found(typed) == [asked.pk]


@pytest.mark.django_db
def test_a_hyphen_finds_who_wrote_a_space(clinic: None) -> None:
    asked = factories.a_request(name="Sofía Ramírez Castellanos")
    assert found("ramirez-castellanos") == [asked.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["555-0134", "5550134", "555 0134"])
def test_a_phone_without_its_area_code_is_found(typed: str, clinic: None) -> None:
    asked = factories.a_request()
    factories.a_request(phone_e164="+13104440134")  # the same last four digits
    assert found(typed) == [asked.pk]


@pytest.mark.django_db
def test_a_number_that_was_deleted_is_not_found_by_its_digits(clinic: None) -> None:
    factories.a_request()
    ContactNumber.objects.update(number="")
    assert found("555-0134") == []
