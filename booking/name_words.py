"""Under which words a name is found: keyed hashes beside the request, because the name itself is ciphertext. Must not
read a name where a hash answers."""

import re
from collections.abc import Iterator

from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Cast

from booking.encryption import UnreadableValue, decrypt, folded, lookup_hash
from booking.models import AppointmentRequest, NameWord

AT_ONCE = 200
# Also the ones that phones and word processors put in by themselves.
_JOINTS = re.compile("[-\u00ad\u2010-\u2015\u2212'`\u00b4\u2018\u2019\u02bc\u02b9]+")


def whole(text: str) -> list[str]:
    """The words between spaces, accents off: “ramirez-castellanos”."""
    return folded(text).split()


def parts(text: str) -> list[str]:
    """The words between spaces, hyphens and apostrophes: “ramirez”, “castellanos”."""
    # A hyphen or apostrophe before folding, which turns some of them into a space and a mark of its own.
    return folded(_JOINTS.sub(" ", text)).split()


def of(name: str) -> set[str]:
    """Every word that finds this name: O'Brien is looked for as O'Brien, Brien and OBrien."""
    return {*whole(name), *parts(name), *whole(_JOINTS.sub("", name))}


def holders(words: list[str]) -> "QuerySet[AppointmentRequest]":
    """The requests whose name has all of these words."""
    rows: QuerySet[AppointmentRequest] = AppointmentRequest.objects.all()
    for word in words:
        of_word = NameWord.objects.filter(word_hash=_hash(word))
        rows = rows.filter(pk__in=of_word.values("request_id"))
    return rows


def store(request_id: int, name: str) -> int:
    """Write the words of a name; those that are there already stay. How many were new."""
    known = set(NameWord.objects.filter(request=request_id).values_list("word_hash", flat=True))
    new = {_hash(word) for word in of(name)} - known
    NameWord.objects.bulk_create(NameWord(request_id=request_id, word_hash=one) for one in sorted(new))
    return len(new)


def replace(request_id: int, name: str) -> None:
    """The name was corrected: it is found by its words, and no longer by those of the one before. Call it with the
    request locked, like `complete`."""
    NameWord.objects.filter(request=request_id).delete()
    store(request_id, name)


def complete() -> Iterator[tuple[int, list[int], list[int]]]:
    """Write the words that are missing, of all requests. Of each batch: how many rows were looked at, which requests
    got words, and whose name no key opens.

    Names are read without a lock, and only a request that needs words is locked, alone: nobody waits for a batch.
    Killed at any moment, it finds what is left when it is started again.
    """
    stored = AppointmentRequest.objects.annotate(as_stored=Cast("name", models.TextField())).exclude(as_stored="")
    rows = stored.order_by("pk").values_list("pk", "as_stored")
    batch = list(rows[:AT_ONCE])
    while batch:
        given, unreadable = [], []
        for pk, ciphertext in batch:
            try:
                name = decrypt(ciphertext)
            except UnreadableValue:
                unreadable.append(pk)
                continue
            # Only these have words that were not stored before: no query for a million of others.
            if of(name) != set(whole(name)) and _give(pk):
                given.append(pk)
        yield len(batch), given, unreadable
        batch = list(rows.filter(pk__gt=batch[-1][0])[:AT_ONCE])


def _give(pk: int) -> bool:
    """Under a lock and from the name as it is now: who was forgotten in this moment must not be findable again."""
    with transaction.atomic():
        request = AppointmentRequest.objects.select_for_update(no_key=True).only("name").filter(pk=pk).first()
        return request is not None and store(pk, request.name) > 0


def _hash(word: str) -> str:
    return lookup_hash("name_word", word)
