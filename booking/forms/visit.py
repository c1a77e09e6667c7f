"""Step 1: what is asked for, and where. Must not read the database; the view hands in what is offered."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from booking.forms.fields import Radios, StepForm
from booking.models import Service
from pages.models import Office

ANY_OFFICE = "any"


class VisitForm(StepForm):
    """The visit and the office."""

    visit = Radios(
        label=_("What do you want to request?"),
        missing=_("Select what you want to request"),
        attrs={"autocomplete": "off"},
    )
    office = Radios(
        label=_("Which office is best for you?"),
        help_text=_("For a video visit, choose the one closest to you"),
        missing=_("Select an office, or select any office"),
    )

    def __init__(self, *args: Any, services: Sequence[Service], offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._services = {service.key: service for service in services}
        self._offices = {office.slug: office for office in offices}
        language = get_language() or "en"
        self.fields["visit"].choices = [(s.key, s.name(language)) for s in services]  # type: ignore[attr-defined]
        listed = [(office.slug, office.name) for office in offices]
        self.fields["office"].choices = [*listed, (ANY_OFFICE, _("Any office"))]  # type: ignore[attr-defined]

    def show_prices(self, prices: Mapping[str, str]) -> None:
        """What a visit costs stands at its choice (key of the visit: price); what is not known is left out."""
        self.fields["visit"].widget.hints = prices

    @property
    def has_something_to_offer(self) -> bool:
        """Whether any visit and any office take requests now."""
        return bool(self._services and self._offices)

    @property
    def services(self) -> list[Service]:
        """The visits to choose from."""
        return list(self._services.values())

    @property
    def chosen_service(self) -> Service:
        """The chosen visit type, of a form without errors."""
        return self._services[self.cleaned_data["visit"]]

    @property
    def chosen_office(self) -> Office | None:
        """The chosen office; None for any."""
        return self._offices.get(self.cleaned_data["office"])

    def answers(self) -> dict[str, Any]:
        """This step's part of lifecycle.Answers."""
        return {"service": self.chosen_service, "office": self.chosen_office}
