"""Histories that are only ever added to: consent, what happened to a request, calls, who looked, wordings. Must not
know what they are about. The database refuses the same for the most important ones (migration 0005)."""

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(Exception):
    """Somebody tried to change or delete a row of a history that is only ever added to."""

    def __init__(self) -> None:
        super().__init__("This history is only ever added to.")


class AppendOnly(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds a row; refuses to change one."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused."""
        raise AppendOnlyError
