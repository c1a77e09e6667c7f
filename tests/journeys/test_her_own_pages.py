"""Every form of the patient's own pages, posted in a browser: days later, an offer, another time, no texts, the end."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, FASTEST_SECONDS, Person
from tests.journeys.phone import texts, wait_for_texts
from tests.running import Site

NUMBER, TYPED, NAME = "+12135550166", "(213) 555-0166", "Paloma Example"


def test_a_patient_does_everything_on_her_own_pages(site: Site, person: Callable[..., Person]) -> None:
    patient, desk = person("patient"), person("desk", **DESK)
    # Given a patient who could not choose days yet
    asks_for_a_private_link(patient, site)
    # When she opens the link and chooses her days
    opens_the_newest_link(patient, site, 1)
    reference = chooses_her_days(patient)
    # And staff offer times with one press
    desk.signs_in(site)
    offers_times(desk, site)
    # Then she takes one of them
    opens_the_newest_link(patient, site, 2)
    patient.look("22-offered")
    presses(patient, "Take this time")
    expect(patient.page.locator("h1")).to_have_text("Your appointment is set")
    # When she asks for another time and keeps the old one, she can still come
    asks_for_another_time(patient, "Keep my old time until then")
    patient.look("25-kept")
    presses(patient, "I will come at my old time")
    expect(patient.page.locator("h1")).to_have_text("Your appointment is set")
    # When she gives it up, she gets another offer, and none of it works
    asks_for_another_time(patient, "Give up my old time now")
    expect(patient.page.locator("main")).to_contain_text("You do not have an appointment yet")
    offers_times(desk, site)
    patient.page.reload()
    presses(patient, "Ask for other days")
    expect(patient.page.locator("h1")).to_have_text("Choose your days")
    patient.page.go_back()
    patient.page.reload()
    expect(patient.page.locator("main")).to_contain_text("none of the times we offered works for you")
    patient.look("26-none-works")
    # When she wants no more texts and cancels
    stops_texts_and_cancels(patient)
    # Then a lost link is still hers to find, and nothing more is texted
    count = len(texts(site.phone_url, NUMBER))
    asks_for_the_link_again(patient, site, reference)
    time.sleep(2)
    assert len(texts(site.phone_url, NUMBER)) == count


def presses(patient: Person, name: str) -> None:
    patient.page.get_by_role("button", name=name).first.click()
    expect(patient.page.locator("main")).to_be_visible()


def asks_for_a_private_link(patient: Person, site: Site) -> None:
    page = patient.page
    page.goto(f"{site.url}/request/")
    began = time.monotonic()
    page.locator("input[name=visit][value=hsg]").check()
    page.locator("input[name=office][value=los-angeles]").check()
    patient.goes_on()
    page.locator("input[name=timing][value=later]").check()
    patient.goes_on()
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=phone]").fill(TYPED)
    page.locator("input[name=sms_consent]").check()
    page.locator("input[name=contact][value=text]").check()
    patient.goes_on()
    patient.takes_her_time(since=began)
    page.get_by_role("button", name="Send my request").click()
    expect(page).to_have_url(re.compile(r"/request/sent/$"))


def opens_the_newest_link(patient: Person, site: Site, count: int) -> None:
    newest = wait_for_texts(site.phone_url, NUMBER, count)[-1]
    patient.opens_the_link_in(newest["body"])


def chooses_her_days(patient: Person) -> str:
    page = patient.page
    page.get_by_role("link", name="Choose my days").click()
    patient.look("20-choose-days")
    for number in (0, 1):
        page.locator("input[name=days]").nth(number).check()
    page.get_by_role("button", name="Send my days").click()
    expect(page.locator("h1")).to_have_text("We have your request")
    return patient.reference()


def offers_times(desk: Person, site: Site) -> None:
    page = desk.page
    page.goto(f"{site.url}/admin/booking/appointmentrequest/?show=all")
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_text("Offer one to three times", exact=True).click()
    desk.look("21-offer")
    page.get_by_role("button", name=re.compile("^Offer")).first.click()
    expect(page.locator("body")).to_contain_text("Offered to the patient")
    desk.look("21-offered-to-the-patient")


def asks_for_another_time(patient: Person, old_time: str) -> None:
    patient.page.get_by_role("link", name="Ask for another time").click()
    patient.look("24-change")
    presses(patient, old_time)
    expect(patient.page.locator("h1")).to_have_text("You asked for another time")


def stops_texts_and_cancels(patient: Person) -> None:
    page = patient.page
    home = page.url
    presses(patient, "Stop texts")
    patient.look("27-no-more-texts")
    page.goto(home)
    page.get_by_role("link", name="Cancel my request").click()
    patient.look("28-cancel")
    presses(patient, "Yes, cancel my request")
    expect(page.locator("h1")).to_have_text("This request is cancelled")


def asks_for_the_link_again(patient: Person, site: Site, reference: str) -> None:
    page = patient.page
    page.goto(f"{site.url}/find-request/")
    page.locator("input[name=reference]").fill(reference)
    page.locator("input[name=phone]").fill(TYPED)
    time.sleep(FASTEST_SECONDS)
    page.get_by_role("button", name="Send the link").click()
    patient.look("29-link-again")
