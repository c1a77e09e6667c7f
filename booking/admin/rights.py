"""Who may do what: one permission for each kind of work, and the groups that hold them. Must not ask what a request
looks like (booking/moves.py does)."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from booking.models import AppointmentRequest

ANSWER, CALLER, NOTE, CONSENT, LINK, OVERBOOK, WORDING = (
    "answer_request",
    "enter_caller",
    "note_request",
    "record_spoken_consent",
    "rotate_patient_link",
    "overbook",
    "change_the_wording_of_messages",
)
CALENDAR, BLOCK, CLOSE_DAY, DAY_SHEET = "confirm_calendar", "block_time", "close_day", "print_day_sheet"
REPORTS, EXPORT = "see_reports", "export_reports"
# Names are stored rows that the user form of the admin shows; they are data, so they stay in one language.
PERMISSIONS = {
    ANSWER: "Can answer a request: set a time, decline, cancel, release",
    CALLER: "Can enter a request for a caller",
    NOTE: "Can add notes, write down calls and finish tasks",
    CONSENT: "Can record spoken consent and STOP",
    LINK: "Can make a new private link for a patient",
    OVERBOOK: "Can put two visits on one time, with a reason",
    REPORTS: "Can see the reports",
    EXPORT: "Can take out the reports as a file",
    WORDING: "Can change the words of messages to patients",
    CALENDAR: "Can say that the doctor's calendar is right",
    BLOCK: "Can block the doctor's time and free it again",
    CLOSE_DAY: "Can close a day and tell the patients of its visits",
    DAY_SHEET: "Can see and print the visits of a day with names",
}
VERB_RIGHTS = {
    "confirm": ANSWER,
    "offer": ANSWER,
    "withdraw": ANSWER,
    "turned_down": ANSWER,
    "hold": ANSWER,
    "unhold": ANSWER,
    "ask_change": ANSWER,
    "keep": ANSWER,
    "decline": ANSWER,
    "cancel": ANSWER,
    "release": ANSWER,
    "came": ANSWER,
    "no_show": ANSWER,
    "not_done": ANSWER,
    "take_back": ANSWER,
    "rebook": ANSWER,
    "next_cycle": ANSWER,
    "wait": ANSWER,
    "call": NOTE,
    "note": NOTE,
    "done": NOTE,
    "read_text": NOTE,
    "take_away": NOTE,
    "tick": NOTE,
    "untick": NOTE,
    "take": NOTE,
    "let_go": NOTE,
    "speak_with": NOTE,
    "join": ANSWER,
    "correct": ANSWER,
    "stop": CONSENT,
    "consent": CONSENT,
    "link": LINK,
    "caller": CALLER,
    "overbook": OVERBOOK,
    "reports": REPORTS,
    "export": EXPORT,
    "wording": WORDING,
    "calendar": CALENDAR,
    "block": BLOCK,
    "close_day": CLOSE_DAY,
    "day_sheet": DAY_SHEET,
}
# What is looked at and not acted on: the right to view the rows.
LOOKS = {
    "look": "view_appointmentrequest",
    "week": "view_heldtime",
    "consents": "view_consentevent",
    "accesses": "view_accessevent",
}
SHOWS_NO_PATIENT = {REPORTS, EXPORT, WORDING, CALENDAR}


@dataclass(frozen=True)
class StaffGroup:
    """One group: its own permissions, and which tables its members look at and change."""

    name: str
    own: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    looks_up: tuple[str, ...] = ()  # of pages
    whole_apps: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


_SEES = ("appointmentrequest", "outgoingmessage", "incomingtext", "consentevent", "deliveryreport", "heldtime")
_RULES = ("service", "weeklyhours", "traveltime", "doctorcalendar")
_DAYS = ("dateoverride", "closure")
GROUPS = (
    StaffGroup(
        "Front desk",
        own=(ANSWER, CALLER, NOTE, CONSENT, LINK, CALENDAR, BLOCK, CLOSE_DAY, DAY_SHEET, REPORTS),
        views=(*_SEES, *_RULES),
        changes=_DAYS,
        looks_up=("office", "physician"),  # hours link to them, and callers ask where to park
    ),
    # Medical words and facts need somebody else's eyes: give that permission to the doctor, or to a manager.
    StaffGroup("Editors", whole_apps=("pages",), without=("publish_medical_page",)),
    StaffGroup(
        "Managers",
        own=tuple(PERMISSIONS),
        views=(*_SEES, "wordingversion", "accessevent"),
        changes=(*_RULES, *_DAYS),
        whole_apps=("pages",),
    ),
)


def may(user: AbstractBaseUser | AnonymousUser, verb: str) -> bool:
    """Whether this member of staff may do or look at this. What shows patients also needs the right to look at them."""
    if not isinstance(user, User) or not user.is_staff:
        return False
    right = LOOKS.get(verb) or VERB_RIGHTS[verb]
    needed = {right} if verb in LOOKS or right in SHOWS_NO_PATIENT else {right, LOOKS["look"]}
    return user.has_perms([f"booking.{name}" for name in needed])


def all_of(user: AbstractBaseUser | AnonymousUser) -> dict[str, bool]:
    """Everything there is to do or to look at, and whether this person may; for templates."""
    return {name: may(user, name) for name in (*VERB_RIGHTS, *LOOKS)}


def must(http: HttpRequest, verb: str) -> User:
    """The member of staff who asks, when they may do this; nobody else gets further."""
    if not may(http.user, verb):
        raise PermissionDenied
    return member(http)


def member(http: HttpRequest) -> User:
    """The member of staff who asks. Nobody else gets this far."""
    if not isinstance(http.user, User) or not http.user.is_staff:
        raise PermissionDenied
    return http.user


def set_up() -> list[str]:
    """Create the permissions and the groups. Members stay, rights that a group lost in this table are taken away.

    Returns the names of the groups.
    """
    kind = ContentType.objects.get_for_model(AppointmentRequest)
    for codename, name in PERMISSIONS.items():
        Permission.objects.update_or_create(content_type=kind, codename=codename, defaults={"name": name})
    for spec in GROUPS:
        group, _created = Group.objects.get_or_create(name=spec.name)
        group.permissions.set(_permissions(spec))
    return [spec.name for spec in GROUPS]


def _permissions(spec: StaffGroup) -> QuerySet[Permission]:
    views = [f"view_{model}" for model in (*spec.views, *spec.changes)]
    changes = [f"{action}_{model}" for model in spec.changes for action in ("add", "change", "delete")]
    wanted = Q(content_type__app_label="booking", codename__in=[*spec.own, *views, *changes])
    wanted |= Q(content_type__app_label="pages", codename__in=[f"view_{model}" for model in spec.looks_up])
    for app in spec.whole_apps:
        wanted |= Q(content_type__app_label=app)
    return Permission.objects.filter(wanted).exclude(codename__in=spec.without)
