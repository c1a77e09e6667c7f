"""Gives the admin's first page what editors have to look at: checks that are due, and what waits for sign-off. Must not
check anything off."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.utils import timezone

from pages import approvals
from pages.editing import review_list

register = template.Library()
MOST = 5


@register.simple_tag(takes_context=True)
def content_desk(context: dict[str, Any]) -> dict[str, Any] | None:
    """The first things of both lists; None for people who do not edit pages."""
    user = context["request"].user
    if not isinstance(user, User) or not user.has_perm("pages.view_page"):
        return None
    due = review_list.due(today=timezone.localdate())
    return {
        "due": [(item, review_list.words(item)) for item in due[:MOST]],
        "due_count": len(due),
        "waiting_count": len(approvals.waiting()),
    }
