"""The style page shows every part, in both languages, to staff alone."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from pages.models import SECTION_MODELS

TEMPLATES = Path(settings.BASE_DIR, "templates")
PARTS = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.glob("components/*.html"))
DRAWINGS = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.glob("figures/*.svg"))
# Drawings beside the heading of one page, which the page itself shows.
HEROES = {f"figures/{name}.svg" for name in ("hero-hsg", "spot-large", "spot-lock", "spot-receipt")}
both = pytest.mark.parametrize("language", ["en", "es"])


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("editor", is_staff=True))
    return client


def test_only_staff_see_it(db: None) -> None:
    anybody = Client()
    answer = anybody.get("/admin/style/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")
    anybody.force_login(User.objects.create_user("somebody"))
    assert anybody.get("/admin/style/").status_code == 302


def test_it_can_only_be_read(staff: Client) -> None:
    assert staff.post("/admin/style/").status_code == 405


@both
def test_it_is_made_of_every_part_and_every_drawing(staff: Client, language: str) -> None:
    answer = staff.get("/admin/style/", {"language": language})
    used = {template.name for template in answer.templates}
    sections = {f"pages/sections/{model.kind}.html" for model in SECTION_MODELS}
    assert {*PARTS, *sections, *DRAWINGS} - used == HEROES


@both
def test_it_speaks_the_language(staff: Client, language: str) -> None:
    html = staff.get("/admin/style/", {"language": language}).content.decode()
    assert f'<html lang="{language}">' in html
    assert ("Paso 2 de 3" if language == "es" else "Step 2 of 3") in html


@both
def test_its_ids_are_unique_and_what_is_named_exists(staff: Client, language: str) -> None:
    html = staff.get("/admin/style/", {"language": language}).content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted({name for name in ids if ids.count(name) > 1}) == []
    for names in re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', html):
        assert set(names.split()) <= set(ids), names


def test_it_shows_errors_disabled_empty_and_chosen(staff: Client) -> None:
    html = staff.get("/admin/style/").content.decode()
    assert "3 answers need fixing" in html
    assert re.search(r"<input[^>]* disabled", html)
    assert "Not given" in html
    assert re.search(r"<input[^>]* checked", html)
