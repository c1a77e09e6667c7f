"""Staff change a fact in the admin: it is remembered, undone with one press, and a medical one waits for sign-off."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from pages import approvals
from pages.models import Fact, FactChange
from tests.pages.content_rows import a_fact, a_page, a_text, published

pytestmark = pytest.mark.django_db
MEDICAL = "antibiotic_total_days"


def somebody(users: Any, name: str, *rights: str) -> Client:
    """A browser of a member of staff with these rights."""
    user = users.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(django_user_model: Any) -> Client:
    return somebody(django_user_model, "editor", "view_fact", "change_fact", "view_page", "change_page")


@pytest.fixture
def doctor(django_user_model: Any) -> Client:
    return somebody(django_user_model, "doctor", "view_fact", "change_fact", "publish_medical_page")


def address(fact: Fact) -> str:
    return reverse("admin:pages_fact_change", args=[fact.pk])


def press(client: Client, verb: str, change: FactChange) -> str:
    """What the page says after the press."""
    answer = client.post(reverse(f"admin:pages_fact_{verb}", args=[change.pk]), follow=True)
    return answer.content.decode()


def value(fact: Fact) -> str:
    return Fact.objects.get(pk=fact.pk).value


def test_a_price_is_changed_everywhere_with_one_save_and_put_back_with_one_press(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    page = a_page()
    a_text(page, body_en="<p>It costs {{hsg_price}}.</p>")
    published(page)
    said = editor.post(address(fact), {"value": "1,100"}, follow=True).content.decode()
    assert "Price of an HSG is now $1,100, everywhere on the site." in said
    assert "Undo: back to $950" in said
    assert "It costs $1,100." in Client().get("/hsg/").content.decode()
    said = press(editor, "undo", FactChange.objects.get())
    assert "Price of an HSG is now $950" in said
    assert "It costs $950." in Client().get("/hsg/").content.decode()


def test_the_places_that_show_the_fact_are_listed(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    a_text(a_page(), body_en="<p>It costs {{hsg_price}}.</p>")
    assert "Page: The test" in editor.get(address(fact)).content.decode()


def test_saving_without_a_change_writes_no_history(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    assert "Nothing changed." in editor.post(address(fact), {"value": "950"}, follow=True).content.decode()
    assert not FactChange.objects.exists()


def test_an_older_change_cannot_be_undone_over_a_newer_one(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    for price in ("975", "1000"):
        editor.post(address(fact), {"value": price})
    first = FactChange.objects.get(value="975")
    assert "The fact was changed again since." in press(editor, "undo", first)
    assert value(fact) == "1000"


def test_what_an_editor_writes_into_a_medical_fact_is_a_proposal(editor: Client, doctor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    said = editor.post(address(fact), {"value": "6"}, follow=True).content.decode()
    assert "6 waits for sign-off. Until then everything stays as it is." in said
    assert value(fact) == "5"
    assert [row.admin_url for row in approvals.waiting()] == [address(fact)]
    assert "Days of antibiotic in total" in editor.get(reverse("admin:pages_approvals")).content.decode()
    proposed = FactChange.objects.get()
    assert "Only people who may publish medical pages can decide this." in press(editor, "approve", proposed)
    assert value(fact) == "5"
    assert "Sign off: make it live" in doctor.get(address(fact)).content.decode()
    press(doctor, "approve", proposed)
    assert value(fact) == "6"
    assert approvals.waiting() == []


def test_a_second_proposal_is_refused_in_the_form_and_nothing_is_lost(editor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    editor.post(address(fact), {"value": "6"})
    said = editor.post(address(fact), {"value": "7"}).content.decode()
    assert "A value is already waiting for sign-off." in said
    assert 'value="7"' in said
    assert FactChange.objects.count() == 1


def test_a_proposal_is_taken_back_by_who_made_it(editor: Client) -> None:
    fact = a_fact(MEDICAL, "5")
    editor.post(address(fact), {"value": "6"})
    assert "Refused. Nothing changed." in press(editor, "refuse", FactChange.objects.get())
    assert value(fact) == "5"


def test_a_value_that_the_kind_does_not_allow_comes_back_in_the_form(editor: Client) -> None:
    fact = a_fact("hsg_price", "950")
    said = editor.post(address(fact), {"value": "cheap"}).content.decode()
    assert "Write a price in whole dollars" in said
    assert value(fact) == "950"


class TestANumberThatLooksLikeASlip:
    """A zero too many stands on every page at once: it is asked about before it is saved."""

    def asked(self, page: str) -> str:
        """What the tick stands for."""
        found = re.search(r'<input type="checkbox" name="sure" value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def save(self, client: Client, fact: Fact, **typed: str) -> str:
        return unescape(client.post(address(fact), typed, follow=True).content.decode())

    def test_is_asked_about_in_words_and_not_saved(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        page = self.save(editor, fact, value="7,200")
        assert "Price of an HSG: it was $720, you typed $7,200. Save it all the same?" in page
        assert 'value="7,200"' in page
        assert value(fact) == "720"
        assert not FactChange.objects.exists()

    def test_is_saved_once_it_is_confirmed(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        sure = self.asked(self.save(editor, fact, value="7,200"))
        assert "Price of an HSG is now $7,200" in self.save(editor, fact, value="7200", sure=sure)
        assert value(fact) == "7200"

    def test_another_value_is_asked_about_anew(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        sure = self.asked(self.save(editor, fact, value="7200"))
        page = self.save(editor, fact, value="72000", sure=sure)
        assert "you typed $72,000." in page
        assert self.asked(page) != sure
        assert value(fact) == "720"

    def test_so_is_the_same_value_when_somebody_changed_it_meanwhile(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        sure = self.asked(self.save(editor, fact, value="7200"))
        Fact.objects.update(value="750")
        assert "it was $750, you typed $7,200." in self.save(editor, fact, value="7200", sure=sure)

    @pytest.mark.parametrize("typed", ["0", "359", "1441", "71"])
    def test_is_one_beyond_the_double_or_below_the_half(self, typed: str, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        assert "Save it all the same?" in self.save(editor, fact, value=typed)
        assert value(fact) == "720"

    @pytest.mark.parametrize("typed", ["360", "1440", "$720", "799"])
    def test_an_ordinary_change_is_not_asked_about(self, typed: str, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        assert "Save it all the same?" not in self.save(editor, fact, value=typed)
        assert value(fact) == typed.lstrip("$")

    @pytest.mark.parametrize(("typed", "asks"), [("950", False), ("0", True)])
    def test_a_first_value_is_asked_about_only_when_it_is_nothing(self, typed: str, asks: bool, editor: Client) -> None:
        fact = a_fact("hsg_price", "")
        assert ("you typed $0. Save it all the same?" in self.save(editor, fact, value=typed)) == asks
        assert (value(fact) == typed) != asks

    def test_a_number_of_days_is_asked_about_as_well_and_then_waits_for_sign_off(self, editor: Client) -> None:
        fact = a_fact(MEDICAL, "5")
        page = self.save(editor, fact, value="50")
        assert "Days of antibiotic in total: it was 5, you typed 50. Save it all the same?" in page
        assert not FactChange.objects.exists()
        assert "50 waits for sign-off" in self.save(editor, fact, value="50", sure=self.asked(page))

    def test_a_value_that_cannot_be_is_refused_and_not_asked_about(self, editor: Client) -> None:
        page = self.save(editor, a_fact("hsg_price", "720"), value="cheap")
        assert "Write a price in whole dollars" in page
        assert "Save it all the same?" not in page

    def test_undoing_asks_nothing(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "720")
        sure = self.asked(self.save(editor, fact, value="7200"))
        self.save(editor, fact, value="7200", sure=sure)
        press(editor, "undo", FactChange.objects.get())
        assert value(fact) == "720"

    def test_a_real_price_after_a_made_up_one_is_not_compared_with_it(self, editor: Client) -> None:
        fact = a_fact("hsg_price", "9500", is_placeholder=True)
        assert "Price of an HSG is now $720" in self.save(editor, fact, value="720")


class TestAnEmptyValue:
    def test_of_a_price_says_what_it_hides_and_asks(self, editor: Client) -> None:
        fact, ask = a_fact("hsg_price", "720"), TestANumberThatLooksLikeASlip()
        page = ask.save(editor, fact, value="")
        assert "Price of an HSG: it was $720, you left it empty. Every sentence with it is hidden." in page
        assert value(fact) == "720"
        ask.save(editor, fact, value="", sure=ask.asked(page))
        assert value(fact) == ""

    @pytest.mark.parametrize(("key", "known"), [("clinic_phone", "+12135550100"), ("clinic_name", "A clinic")])
    def test_is_refused_where_the_site_needs_it(self, key: str, known: str, editor: Client) -> None:
        fact = a_fact(key, known)
        page = editor.post(address(fact), {"value": ""}).content.decode()
        assert "The site needs this. Type the new value instead of leaving it empty." in page
        assert value(fact) == known

    def test_of_what_was_made_up_for_trying_out_is_nobodys_loss(self, editor: Client) -> None:
        fact = a_fact("clinic_phone", "+12135550100")
        Fact.objects.update(is_placeholder=True)
        editor.post(address(fact), {"value": ""})
        assert value(fact) == ""

    def test_that_was_empty_before_is_no_change(self, editor: Client) -> None:
        fact = a_fact("clinic_phone", "")
        assert "Nothing changed." in editor.post(address(fact), {"value": ""}, follow=True).content.decode()

    def test_of_the_spanish_words_of_a_sentence_is_asked_about(self, editor: Client) -> None:
        fact = a_fact("parking", "You can park behind the house.", "Puede estacionar detrás de la casa.")
        ask = TestANumberThatLooksLikeASlip()
        page = ask.save(editor, fact, value=fact.value, value_es="")
        assert "you left the Spanish empty. Every Spanish sentence with it is hidden." in page
        assert Fact.objects.get(pk=fact.pk).value_es


def test_nobody_without_the_right_presses_anything(django_user_model: Any) -> None:
    fact = a_fact("hsg_price", "950")
    made = FactChange.objects.create(fact=fact, value="1", state="proposed")
    stranger = somebody(django_user_model, "stranger", "view_page")
    for verb in ("undo", "approve", "refuse"):
        assert stranger.post(reverse(f"admin:pages_fact_{verb}", args=[made.pk])).status_code == 403
        assert stranger.get(reverse(f"admin:pages_fact_{verb}", args=[made.pk])).status_code == 405
