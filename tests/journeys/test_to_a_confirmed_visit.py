"""The whole path once: read, ask, one text, staff confirm, second text, calendar, STOP, silence."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.conftest import DESK, Person
from tests.journeys.phone import texts, wait_for_texts
from tests.running import Site

NUMBER = "+12135550134"
NAME = "Maria Example"


def test_a_patient_asks_by_text_and_gets_a_visit(site: Site, person: Callable[..., Person]) -> None:
    patient, desk = person("patient"), person("desk", **DESK)
    # Given a patient who read about the test
    began = reads_the_hsg_page(patient, site)
    # When she asks for a time, with consent to texts
    reference = asks_for_a_time(patient, began=began)
    # Then her phone shows one text
    [first] = wait_for_texts(site.phone_url, NUMBER, 1)
    assert "STOP" in first["body"]
    # When staff sign in and confirm a time
    signs_in(desk, site)
    confirms(desk, reference)
    # Then her phone shows the second, with a link and nothing about her health
    _first, second = wait_for_texts(site.phone_url, NUMBER, 2)
    assert not re.search(r"HSG|tube|fertil|test", second["body"], re.IGNORECASE)
    # When she opens the link
    first_time = opens_her_page(patient, second["body"])
    downloads_the_calendar_file(patient)
    # And texts STOP
    texts_stop(patient, site)
    # Then a later change sends nothing
    moves_the_visit(desk)
    time.sleep(3)
    assert len(texts(site.phone_url, NUMBER)) == 2
    sees_the_new_time(patient, second["body"], first_time)
    assert "2135550134" not in re.sub(r"\D", "", site.output)
    assert NAME not in site.output


def reads_the_hsg_page(patient: Person, site: Site) -> float:
    patient.page.goto(f"{site.url}/es/hsg/")
    assert patient.sheets() <= 4
    patient.page.goto(f"{site.url}/hsg/")
    patient.look("01-hsg")
    assert patient.sheets() <= 4
    assert patient.page.context.cookies() == []
    patient.page.get_by_role("link", name="Request an appointment").first.click()
    return time.monotonic()


def asks_for_a_time(patient: Person, *, began: float) -> str:
    page = patient.page
    patient.look("02-request")
    page.locator("input[name=visit][value=hsg]").check()
    page.locator("input[name=office][value=los-angeles]").check()
    patient.goes_on()
    patient.look("03-times")
    page.locator("input[name=timing][value=days]").check()
    for number in (0, 1):
        page.locator("input[name=days]").nth(number).check()
    patient.goes_on()
    patient.look("04-contact")
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=phone]").fill("(213) 555-0134")
    page.locator("input[name=sms_consent]").check()
    page.locator("input[name=contact][value=text]").check()
    patient.goes_on()
    patient.look("05-check")
    assert "You do not have an appointment yet" in patient.text()
    patient.takes_her_time(since=began)
    page.get_by_role("button", name="Send my request").click()
    expect(page).to_have_url(re.compile(r"/request/sent/$"))
    patient.look("06-sent")
    return patient.reference()


def signs_in(desk: Person, site: Site) -> None:
    desk.page.goto(f"{site.url}/admin/")
    desk.look("07-sign-in")
    desk.signs_in(site)
    desk.look("08-staff-home")


def confirms(desk: Person, reference: str) -> None:
    page = desk.page
    page.goto(page.url + "booking/appointmentrequest/")
    desk.look("09-queue")
    assert reference in desk.text()
    page.get_by_role("link", name=NAME).first.click()
    desk.look("10-one-request")
    assert reference in desk.text()
    page.locator("ul.options a").first.click()
    desk.look("11-message-first")
    page.get_by_role("button", name="Confirm and send").click()
    expect(page.locator("body")).to_contain_text("Confirmed")
    desk.look("12-confirmed")


def opens_her_page(patient: Person, text: str) -> str:
    patient.opens_the_link_in(text)
    patient.look("13-her-page")
    assert "Los Angeles" in patient.text()
    assert "You do not have an appointment yet" not in patient.text()
    return visit_time(patient)


def downloads_the_calendar_file(patient: Person) -> None:
    with patient.page.expect_download() as download:
        patient.page.get_by_role("link", name="Add to my calendar").click()
    content = download.value.path().read_text()
    assert content.startswith("BEGIN:VCALENDAR")
    assert "HSG" not in content
    patient.page.get_by_role("link", name="How to get ready").click()
    patient.look("14-plan")
    assert patient.sheets() == 1


def texts_stop(patient: Person, site: Site) -> None:
    patient.page.goto(f"{site.phone_url}/?number={NUMBER.replace('+', '%2B')}")
    patient.look("15-phone")
    patient.page.get_by_role("button", name="STOP").click()
    expect(patient.page.locator("body")).to_contain_text("unsubscribed")
    patient.look("16-phone-after-stop")


def moves_the_visit(desk: Person) -> None:
    page = desk.page
    page.reload()
    page.get_by_text("Show times", exact=True).first.click()
    page.locator("ul.options a:visible").last.click()
    desk.look("17-move")
    page.get_by_role("button", name=re.compile(r"^Confirm(?!: told)")).click()
    expect(page.get_by_text("Moved to a new time")).to_be_visible()
    desk.look("18-moved")


def sees_the_new_time(patient: Person, text: str, first_time: str) -> None:
    patient.opens_the_link_in(text)
    patient.look("19-her-page-after-the-move")
    assert visit_time(patient) != first_time


def visit_time(patient: Person) -> str:
    """Date and time as they stand on her page."""
    found = re.search(r"Date\s+(.+?)\s+Come at", patient.text(), re.DOTALL)
    assert found is not None
    return found[1]
