"""Texts that somebody should read and that no request shows to anybody: who wrote them, and what staff do with them.
Must not touch consent, the number or what a text was taken for: reading is no answer, and a STOP counted when it came.

They are kept together by the number they came from, so that one that writes 200 texts is one sender among the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from booking import desk_tasks
from booking.actors import Actor
from booking.models import AppointmentRequest, ContactNumber, DeskTask, IncomingText
from booking.standing import StaleRequest, record, stand_in_line

READ_ALREADY = _("Nothing was changed: somebody has dealt with this text already.")
NOT_PLACED_HERE = _("Nothing was changed: nobody put this text here, or it was taken away already.")
KEPT_IN_SIGHT = timedelta(days=7)  # what was read by a slip is found again


@dataclass(frozen=True)
class Sender:
    """A number with its unread texts: the newest of them in the order in which they came, and how many older ones are
    left out; and its requests, newest first, which came in later or look automated."""

    number: ContactNumber
    texts: list[IncomingText]
    older: int
    requests: list[AppointmentRequest]


def senders(*, most: int, texts_each: int, only: int | None = None) -> tuple[list[Sender], int]:
    """Who waits longest first, at most `most`, and how many more there are. `only`: the key of one number."""
    unread = IncomingText.objects.to_place()
    if only is not None:
        unread = unread.filter(contact_number=only)
    each = unread.order_by().values("contact_number").annotate(since=Min("received_at"), tally=Count("pk"))
    counted = {row["contact_number"]: row["tally"] for row in each.order_by("since", "contact_number")[:most]}
    more = each.order_by().count() - len(counted) if len(counted) == most else 0
    numbers = ContactNumber.objects.in_bulk(list(counted))
    texts = _newest_of_each(unread.filter(contact_number__in=counted), texts_each)
    requests = AppointmentRequest.objects.filter(contact_number__in=counted).order_by("-pk")
    asked: dict[int, list[AppointmentRequest]] = {}
    for one in requests.only("reference", "status", "contact_number"):
        asked.setdefault(one.contact_number_id or 0, []).append(one)
    found = []
    for pk, tally in counted.items():
        hers = texts.get(pk, [])
        if hers:  # else somebody has read them in this moment
            found.append(Sender(numbers[pk], hers, max(tally - len(hers), 0), asked.get(pk, [])))
    return found, more


def _newest_of_each(unread: Any, most: int) -> dict[int, list[IncomingText]]:
    newest_first = [F("received_at").desc(), F("pk").desc()]
    ranked = unread.annotate(
        rank=Window(RowNumber(), partition_by=[F("contact_number")], order_by=newest_first)
    ).filter(rank__lte=most)
    found: dict[int, list[IncomingText]] = {}
    for text in ranked.order_by("received_at", "pk"):
        found.setdefault(text.contact_number_id, []).append(text)
    return found


def mark_read(texts: Iterable[int], *, by: Any, now: datetime) -> int:
    """These texts were read; how many of them were not before. By their keys, as they were shown: one that came
    meanwhile stays unread."""
    return IncomingText.objects.to_place().filter(pk__in=list(texts)).update(read_at=now, read_by=by)


def read_lately(*, most: int, each: int, now: datetime) -> list[IncomingText]:
    """What was read within KEPT_IN_SIGHT and stands nowhere else, the last one first; of each number the last few."""
    rank = Window(RowNumber(), partition_by=[F("contact_number")], order_by=[F("read_at").desc(), F("pk").desc()])
    rows = IncomingText.objects.read_since(now - KEPT_IN_SIGHT).annotate(rank=rank).filter(rank__lte=each)
    return list(rows.select_related("contact_number", "read_by").order_by("-read_at", "-pk")[:most])


def mark_unread(text: int, *, now: datetime) -> bool:
    """It was read by a slip: somebody has to read it. Whether it was among those that were read lately."""
    rows = IncomingText.objects.read_since(now - KEPT_IN_SIGHT).filter(pk=text)
    return bool(rows.update(read_at=None, read_by=None))


def placed_at(request: AppointmentRequest) -> list[int]:
    """The keys of texts that a task of this request quotes, hers and those that staff put there."""
    return list(DeskTask.texts.through.objects.filter(desktask__request=request).values_list("incomingtext", flat=True))


def was_put_there(text: IncomingText, request: AppointmentRequest) -> bool:
    """Whether staff put it at this request: it came from a number that is not hers."""
    return not text.is_unplaced and text.read_at is not None and text.contact_number_id != request.contact_number_id


def take_away(*, text: IncomingText, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """It was put at this request by a slip: no task there quotes it any more, and somebody has to read it. The history
    says so. Raises StaleRequest when it does not stand there, or when the request has moved on.
    """
    with transaction.atomic():
        stand_in_line(request)
        # In line with a text of hers that joins the task in this moment: it must not hang on one that is finished.
        to_read = list(request.tasks.open().filter(kind=DeskTask.Kind.READ_TEXT, texts=text).select_for_update())
        quoted = DeskTask.texts.through.objects.filter(desktask__request=request, incomingtext=text)
        text = IncomingText.objects.select_for_update().get(pk=text.pk)
        if not (was_put_there(text, request) and quoted.delete()[0]):
            raise StaleRequest(NOT_PLACED_HERE)
        text.is_unplaced, text.read_at, text.read_by = True, None, None
        text.save(update_fields=["is_unplaced", "read_at", "read_by"])
        empty = [task.pk for task in to_read if not task.texts.exists()]
        request.tasks.open().filter(pk__in=empty).finish(by=by.user, at=now)
        record(request, verb="text_taken_away", by=by, now=now, source=request.status, target=request.status)


def place(*, text: IncomingText, request: AppointmentRequest, by: Actor, now: datetime) -> None:
    """It is about this request, whatever number it came from: a task there quotes it, and the history says so.

    Raises StaleRequest when somebody has dealt with the text, or when the request has moved on.
    """
    with transaction.atomic():
        stand_in_line(request)
        mine = IncomingText.objects.filter(pk=text.pk, is_unplaced=True, read_at__isnull=True)
        if not mine.update(is_unplaced=False, read_at=now, read_by=by.user):
            raise StaleRequest(READ_ALREADY)
        desk_tasks.open_task(request, DeskTask.Kind.READ_TEXT, now=now, text=text)
        record(request, verb="text_placed", by=by, now=now, source=request.status, target=request.status)
