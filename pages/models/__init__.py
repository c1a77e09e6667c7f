"""Collects the models of the pages app in one name. Must not define any."""

from pages.models.clinic import ClinicClosure, Office, OpeningHours, Physician, PriceLine, Reference, Weekday
from pages.models.facts import Fact, FactChange
from pages.models.page import Page
from pages.models.questions import Question, Topic
from pages.models.redirects import Redirect
from pages.models.reviews import ReviewMail
from pages.models.sections import (
    SECTION_MODELS,
    ActionSection,
    CardSection,
    CareSection,
    ComparisonSection,
    ContentsSection,
    FactSection,
    FigureSection,
    OfficesSection,
    PeopleSection,
    PricesSection,
    ReferencesSection,
    Section,
    StepSection,
    TextSection,
    TopicSection,
)
from pages.models.version import Generation, PageVersion, Publication

__all__ = [
    "SECTION_MODELS",
    "ActionSection",
    "CardSection",
    "CareSection",
    "ClinicClosure",
    "ComparisonSection",
    "ContentsSection",
    "Fact",
    "FactChange",
    "FactSection",
    "FigureSection",
    "Generation",
    "Office",
    "OfficesSection",
    "OpeningHours",
    "Page",
    "PageVersion",
    "PeopleSection",
    "Physician",
    "PriceLine",
    "PricesSection",
    "Publication",
    "Question",
    "Redirect",
    "Reference",
    "ReferencesSection",
    "ReviewMail",
    "Section",
    "StepSection",
    "TextSection",
    "Topic",
    "TopicSection",
    "Weekday",
]
