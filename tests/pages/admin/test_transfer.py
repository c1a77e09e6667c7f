"""Managers take all content out as one file and bring one in, in the admin."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pages.models import Fact
from pages.transfer import outgoing
from tests.pages.admin.test_page import editor  # noqa: F401
from tests.pages.content_rows import a_fact, a_page, published

pytestmark = pytest.mark.django_db


def sent(client: Client, raw: bytes, how: str) -> str:
    upload = SimpleUploadedFile("content.json", raw, "application/json")
    return client.post(reverse("admin:pages_transfer"), {"file": upload, "how": how}).content.decode()


def test_a_file_is_taken_out_looked_at_and_brought_in(editor: Client) -> None:  # noqa: F811
    fact = a_fact("hsg_price", "950")
    published(a_page())
    answer = editor.post(reverse("admin:pages_export"))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.content)["content"] == outgoing.content()
    Fact.objects.update(value="1")
    assert "change facts hsg_price" in sent(editor, answer.content, "look")
    fact.refresh_from_db()
    assert fact.value == "1"
    assert "1 thing changed." in sent(editor, answer.content, "do")
    fact.refresh_from_db()
    assert fact.value == "950"
    # Who did it is written down; a look is not.
    written = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert written == ["Took all content out as a file.", "Brought in a file of content; lines of change: 1."]


def test_a_picture_instead_of_a_file_of_content_is_refused_with_a_sentence(editor: Client) -> None:  # noqa: F811
    assert "The file is no JSON" in sent(editor, b"\x89PNG\r\n\x1a\n" + bytes(100), "do")


def test_who_may_not_publish_medical_pages_may_not_bring_everything_in(django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("editor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_page", "delete_page", "publish_page"]))
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:pages_transfer")).status_code == 403
    assert client.post(reverse("admin:pages_export")).status_code == 403
