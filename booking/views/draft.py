"""The half-filled request of one visitor, in her session. Must not judge answers (the forms do) nor outlive sending.

Answers are kept as they were posted, so that the same form judges them again: what was free an hour ago may not be free
now. What a form refused is kept apart, until the step is answered. The session is encrypted and ends 24 hours after the
last answer.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language

from booking.forms.fields import Unfinished

_DRAFT = "request_draft"
_SENT = "request_sent"
# Of a refused answer: longer than any field allows, so that it stays too long; short enough for a session.
_LONGEST, _MOST = 300, 40


class Draft:
    """What is known so far. Reading it writes nothing."""

    def __init__(self, session: SessionBase) -> None:
        self._session = session

    @property
    def exists(self) -> bool:
        """Whether the visitor has begun, and her session has not ended."""
        return _DRAFT in self._session

    def begin(self, *, now: datetime) -> None:
        """Remember the first form view. Sets the session cookie."""
        if not self.exists:
            self._session[_DRAFT] = {"began": now.timestamp(), "steps": {}, "form_id": "", "trap": "", "languages": {}}

    @property
    def first_view(self) -> datetime:
        """When the first page of the flow was shown."""
        return datetime.fromtimestamp(self._data["began"], UTC)

    def step(self, name: str) -> MultiValueDict[str, str] | None:
        """The kept answers of a step, ready for its form; None if it was not answered."""
        values = self._data["steps"].get(name) if self.exists else None
        return None if values is None else MultiValueDict(values)

    def keep(self, name: str, posted: QueryDict, fields: list[str]) -> None:
        """Keep a step that its form accepted. Other answers than before make an open check page stale."""
        values = {field: posted.getlist(field) for field in fields if field in posted}
        if self._drop(name):
            self._session.modified = True
        if self.language_of(name) != get_language():
            self._data["languages"][name] = get_language()
            self._session.modified = True
        if self._data["steps"].get(name) != values:
            self._data["steps"][name] = values
            self._data["form_id"] = ""
            self._session.modified = True

    def language_of(self, name: str) -> str:
        """The language of the page on which a step was answered."""
        return str(self._data["languages"].get(name, ""))

    def refuse(self, name: str, posted: QueryDict, fields: list[str]) -> None:
        """Remember what the form of a step did not accept, so that a plain GET can show it with its errors."""
        self._drop(name)
        self._refused[name] = _cut(posted, fields)
        self._session.modified = True

    def set_aside(self, name: str, posted: QueryDict, fields: list[str]) -> None:
        """Remember what stands on a page that she leaves without sending it. Errors that wait to be fixed go on
        waiting."""
        where = self._refused if name in self._refused else self._unfinished
        where[name] = _cut(posted, fields)
        self._session.modified = True

    def not_kept(self, name: str) -> MultiValueDict[str, str] | None:
        """What a step's form did not accept, or has not judged yet (Unfinished); None if there is neither."""
        if self.exists and name in self._refused:
            return MultiValueDict(self._refused[name])
        return Unfinished(self._unfinished[name]) if self.exists and name in self._unfinished else None

    def forget(self, name: str) -> None:
        """Drop a step whose questions no longer fit the others."""
        self._drop(name)
        if self._data["steps"].pop(name, None) is not None:
            self._data["form_id"] = ""
            self._session.modified = True

    def form_id(self) -> str:
        """The one-time id of these very answers."""
        if not self._data["form_id"]:
            self._data["form_id"] = secrets.token_urlsafe(24)
            self._session.modified = True
        return str(self._data["form_id"])

    @property
    def trap(self) -> str:
        """Why the request looks automated, or nothing."""
        return str(self._data["trap"])

    def mark(self, trap: str) -> None:
        """Remember the first trap that was hit."""
        if trap and not self.trap:
            self._data["trap"] = trap
            self._session.modified = True

    def finish(self, sent: dict[str, Any]) -> None:
        """The request is stored: her answers leave the session, only what /sent/ shows stays."""
        self._session.pop(_DRAFT, None)
        self._session[_SENT] = sent

    @property
    def sent(self) -> dict[str, Any] | None:
        """What /sent/ shows: form_id, reference, promise, path of her page."""
        return self._session.get(_SENT)

    def _drop(self, name: str) -> bool:
        """What was not kept of a step is no longer needed."""
        return self._refused.pop(name, None) is not None or self._unfinished.pop(name, None) is not None

    @property
    def _refused(self) -> dict[str, Any]:
        refused: dict[str, Any] = self._data.setdefault("refused", {})
        return refused

    @property
    def _unfinished(self) -> dict[str, Any]:
        unfinished: dict[str, Any] = self._data.setdefault("unfinished", {})
        return unfinished

    @property
    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = self._session[_DRAFT]
        return data


def _cut(posted: QueryDict, fields: list[str]) -> dict[str, list[str]]:
    values = {field: [text[:_LONGEST] for text in posted.getlist(field)[:_MOST]] for field in fields}
    return {field: texts for field, texts in values.items() if texts}
