"""Pages come and go at their moment without a worker; a moved page leaves a redirect."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from pages import published, publishing
from pages.models import Page, Publication, Redirect
from tests.pages.content_rows import a_page
from tests.pages.content_rows import published as live

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    import time_machine

    from tests.factories import NOW

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def retitled(page: Page, title: str) -> Page:
    page.title_en = title  # type: ignore[attr-defined]
    page.save()
    return page


def title_at(client: Client, path: str = "/hsg/") -> str:
    response = client.get(path)
    return response.content.decode().split("<h1>")[1].split("</h1>")[0] if response.status_code == 200 else ""


def test_a_planned_version_takes_over_at_its_moment(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(retitled(page, "Later"), language="en", by=None, starts_at=now() + HOUR)
    assert title_at(client) == "The test"
    clock.shift(2 * HOUR)
    assert title_at(client) == "Later"


def test_the_kept_page_ends_at_the_next_planned_moment(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(
        retitled(page, "Later"), language="en", by=None, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR
    )
    assert published.index().changes_at == now() + HOUR
    clock.shift(HOUR)
    assert published.index().changes_at == now() + HOUR
    clock.shift(HOUR)
    assert published.index().changes_at is None


def test_a_page_that_was_kept_in_memory_is_let_go_at_its_moment(client: Client, clock: Any) -> None:
    """Through the cache in front of everything, which asks for nothing while it has an answer."""
    page = live(a_page())
    publishing.publish(page, language="en", by=None, ends_at=now() + HOUR)
    assert client.get("/hsg/").status_code == 200
    assert client.get("/hsg/").status_code == 200
    clock.shift(HOUR)
    assert client.get("/hsg/").status_code == 404


def test_a_page_ends_at_its_moment_and_leaves_the_menus(client: Client, clock: Any) -> None:
    page = a_page(place="nav")
    publishing.publish(page, language="en", by=None, ends_at=now() + HOUR)
    assert [entry.key for entry in published.index().menu("nav", "en")] == ["hsg"]
    clock.shift(HOUR)
    assert published.index().pages == ()
    assert publishing.live_languages([page]) == {page.pk: []}
    assert client.get("/hsg/").status_code == 404


def test_a_planned_page_that_ended_does_not_bring_the_old_one_back(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(page, language="en", by=None, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR)
    clock.shift(3 * HOUR)
    assert client.get("/hsg/").status_code == 404


def test_publishing_now_forgets_what_was_planned(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(retitled(page, "Planned"), language="en", by=None, starts_at=now() + HOUR)
    live(retitled(page, "Corrected"))
    clock.shift(2 * HOUR)
    assert title_at(client) == "Corrected"
    assert Publication.objects.count() == 1


def test_a_second_plan_after_the_first_began_takes_over_from_it(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(retitled(page, "First"), language="en", by=None, starts_at=now() + HOUR)
    clock.shift(2 * HOUR)
    publishing.publish(retitled(page, "Second"), language="en", by=None, starts_at=now() + HOUR)
    assert title_at(client) == "First"
    clock.shift(2 * HOUR)
    assert title_at(client) == "Second"


def test_a_moment_that_has_passed_means_now_and_an_end_before_the_start_is_refused(client: Client) -> None:
    page = a_page()
    publishing.publish(page, language="en", by=None, starts_at=now() - HOUR)
    assert title_at(client) == "The test"
    with pytest.raises(publishing.PublishRefusedError, match="taken away before"):
        publishing.publish(page, language="en", by=None, starts_at=now() + HOUR, ends_at=now() + HOUR)


def test_withdrawing_takes_the_plan_along(client: Client, clock: Any) -> None:
    page = live(a_page())
    publishing.publish(page, language="en", by=None, starts_at=now() + HOUR)
    publishing.withdraw(page, language="en", by=None)
    clock.shift(2 * HOUR)
    assert client.get("/hsg/").status_code == 404


def test_the_database_keeps_one_plan_per_page_and_path() -> None:
    page = live(a_page())
    first = publishing.publish(page, language="en", by=None, starts_at=now() + HOUR)
    second = publishing.publish(page, language="en", by=None)
    row = {"page": page, "language": "en", "path": "/other/"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(**row, version=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(**row, version=first, starts_at=now(), ends_at=now())
    assert Publication.objects.get().version == second


def test_the_address_of_a_page_that_has_ended_is_free_again(clock: Any) -> None:
    publishing.publish(a_page("news", path="/news/"), language="en", by=None, ends_at=now() + HOUR)
    clock.shift(2 * HOUR)
    Page.objects.update(path_en="/older/")
    live(a_page("other", path="/news/"))
    assert Publication.objects.get().page.key == "other"


def moved(page: Page, path: str) -> Page:
    page.path_en = path
    page.save()
    return live(page)


def test_a_moved_page_leaves_a_redirect_that_keeps_the_query(client: Client) -> None:
    page = live(a_page("news", path="/news/"))
    moved(page, "/blog/")
    response = client.get("/news/?from=mail")
    assert (response.status_code, response.headers["Location"]) == (301, "/blog/?from=mail")
    assert client.get("/blog/").status_code == 200


def test_moving_twice_is_one_step_and_moving_back_is_no_circle(client: Client) -> None:
    page = moved(moved(live(a_page("news", path="/news/")), "/blog/"), "/words/")
    assert dict(Redirect.objects.values_list("path", "target")) == {"/news/": "/words/", "/blog/": "/words/"}
    moved(page, "/news/")
    assert dict(Redirect.objects.values_list("path", "target")) == {"/blog/": "/news/", "/words/": "/news/"}
    assert client.get("/news/").status_code == 200


@pytest.mark.parametrize("old", ["/old-page/", "/about.html", "/Team/Our Doctor/", "/a_b/"])
def test_an_old_address_that_staff_entered_leads_on(client: Client, old: str) -> None:
    if " " not in old:
        Redirect(path=old, target="/hsg/#why").full_clean()
    Redirect.objects.create(path=old, target="/hsg/#why")
    assert client.get(old).headers["Location"] == "/hsg/#why"


def test_a_live_page_comes_before_a_redirect(client: Client) -> None:
    Redirect.objects.create(path="/hsg/", target="/pricing/")
    live(a_page())
    assert client.get("/hsg/").status_code == 200


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/", "/a/"),
        ("/a/", "//elsewhere.example/"),
        ("/a/", "https://elsewhere.example/"),
        ("/a/", "/\\elsewhere.example"),
        ("a", "/hsg/"),
        ("//a", "/hsg/"),
        ("/a?b", "/hsg/"),
        ("/c/", "/b/#x"),
        ("/hsg/", "/b/"),
    ],
)
def test_a_redirect_that_leaves_the_site_goes_round_or_never_works_is_refused(path: str, target: str) -> None:
    live(a_page())
    Redirect.objects.create(path="/b/", target="/c/")
    with pytest.raises(ValidationError):
        Redirect(path=path, target=target).full_clean()


def test_the_last_slash_is_still_added_and_other_parts_keep_their_own_answers(client: Client) -> None:
    live(a_page())
    assert client.get("/hsg").headers["Location"] == "/hsg/"
    assert client.get("/r/AbC_x").headers["Location"] == "/r/AbC_x/"
    assert client.get("/wp-login.php").status_code == 404
