"""What is due for a check is listed, late first, and mailed at most once a week."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command

from pages.editing import review_list, review_mail
from pages.models import Page, ReviewMail
from tests.factories import NOW
from tests.pages.content_rows import a_page, a_question, published

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 7)
CHECKED = {"checked_by": "Dr. Allaei", "checked_on": date(2025, 12, 1)}


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def names() -> list[tuple[str, bool]]:
    return [(item.name, item.is_late) for item in review_list.due(today=TODAY)]


def test_late_things_come_first_and_what_is_far_away_is_left_out(django_user_model: Any) -> None:
    owner = django_user_model.objects.create_user("ana", first_name="Ana", last_name="Ruiz")
    a_page("a", path="/a/", title_en="Soon", due_on=TODAY + timedelta(days=30), **CHECKED)
    a_page("b", path="/b/", title_en="Far", due_on=TODAY + timedelta(days=31), **CHECKED)
    a_page("c", path="/c/", title_en="Late", due_on=TODAY - timedelta(days=1), owner=owner, **CHECKED)
    a_question("q", "Today?", due_on=TODAY)
    assert names() == [("Late", True), ("Today?", False), ("Soon", False)]
    assert review_list.due(today=TODAY)[0].owner == "Ana Ruiz"


def test_a_live_medical_page_that_nobody_checked_is_due_at_once() -> None:
    page = a_page(medical=True)
    assert names() == []
    published(page)
    assert names() == [("The test", True)]


def test_the_mail_names_what_is_due_once_a_week(clock: Any) -> None:
    a_page(title_en="Late", due_on=TODAY - timedelta(days=1), **CHECKED)
    for _day in range(7):
        call_command("mail_reviews_due", verbosity=0)
        clock.shift(timedelta(days=1))
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["desk@clinic.example"]
    assert "Late (page): late since 2026-12-06" in mail.outbox[0].body
    call_command("mail_reviews_due", verbosity=0)
    assert len(mail.outbox) == 2


def test_nothing_is_mailed_while_nothing_is_due(clock: Any) -> None:
    a_page()
    assert review_mail.send(now=NOW) is None
    assert not mail.outbox


def test_a_mail_that_fails_is_tried_again(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a_page(due_on=TODAY, **CHECKED)

    def fail(message: Any) -> int:
        raise OSError("no mail today")

    with monkeypatch.context() as broken:
        broken.setattr(review_mail.EmailMessage, "send", fail)
        with pytest.raises(OSError, match="no mail"):
            review_mail.send(now=NOW)
    assert not ReviewMail.objects.exists()
    assert review_mail.send(now=NOW) == 1


def test_publishing_with_a_check_takes_the_page_off_the_list(django_user_model: Any) -> None:
    from pages import publishing

    page = published(a_page(medical=True))
    check = publishing.Check("Dr. Allaei", TODAY, TODAY + timedelta(days=365))
    publishing.publish(page, language="en", by=django_user_model.objects.create_superuser("boss"), check=check)
    assert names() == []
    assert Page.objects.get().due_on == TODAY + timedelta(days=365)
