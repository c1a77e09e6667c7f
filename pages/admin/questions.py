"""Lets staff edit questions, topics and sources. Must not publish pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from pages.admin.editing import ContentAdmin, TranslatedContentAdmin
from pages.editing import draft_hints
from pages.models import Question, Reference, Topic


@admin.register(Topic)
class TopicAdmin(TranslatedContentAdmin):
    """The headings that questions stand under."""

    list_display = ["name", "key", "position"]


@admin.register(Question)
class QuestionAdmin(TranslatedContentAdmin):
    """Questions with their answers; what the doctor has to approve says so in the list."""

    list_display = ["question", "topic", "position", "is_shown", "waits"]
    list_filter = ["topic", "is_shown", "doctor_must_approve"]
    search_fields = ["question_en", "question_es", "answer_en", "answer_es", "synonyms"]
    prepopulated_fields = {"key": ("question_en",)}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the hints for the answer as it is saved; they never stop anybody."""
        question = kwargs.get("obj")
        if question is not None and request.method == "GET":
            context["hints"] = draft_hints.of_question(question)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("waiting for the doctor"), boolean=True)
    def waits(self, question: Question) -> bool:
        """Whether the doctor still has to approve the words."""
        return question.doctor_must_approve and question.approved_on is None


@admin.register(Reference)
class ReferenceAdmin(ContentAdmin):
    """Sources; shown only after the doctor approved them."""

    list_display = ["citation", "supports", "approved_by", "approved_on"]
    list_filter = [("approved_on", admin.EmptyFieldListFilter)]
    search_fields = ["citation", "supports"]
