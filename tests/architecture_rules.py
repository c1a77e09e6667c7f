"""The rules of the house as functions over source text, so that each can be shown to fail. Must not import the code."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("clinic_site", "pages", "booking")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "managers", "signals", "constants", "services"}

# (room, floor): the longest prefix counts. A module may import rooms of lower floors, and its own room.
FLOORS: dict[str, float] = {
    "clinic_site": 8,
    "booking.apps": 8,
    "pages.apps": 8,
    "booking.urls": 7,
    "pages.urls": 7,
    "booking.views": 6,
    "booking.admin": 6,
    "booking.clockwork": 6,
    "booking.management": 6.5,
    "booking.templatetags": 6.5,
    "booking.outcomes": 5.5,
    "booking.offers": 5.5,
    "booking.changes": 5.5,
    "booking.talking": 5.5,
    "booking.closings": 5.6,
    "booking.desk_work": 5.5,
    "booking.unplaced": 5.5,
    "booking.contact_details": 5.5,
    "booking.freed_time": 5,
    "booking.retention": 5,
    "booking.newest_key": 5,
    "booking.fresh_link": 5,
    "booking.lifecycle": 5,
    "booking.reminders": 5,
    "booking.call_today": 5,
    "booking.hours_gone": 5,
    "booking.sign_in": 5,
    "booking.staff_alert": 5,
    "booking.forms": 5,
    "booking.staff_forms": 5,
    "booking.timetable_forms": 5,
    "booking.submission": 4.3,
    "booking.telling": 4.3,
    "booking.messaging.inbound": 4.3,
    "booking.messaging.reports": 4.3,
    "booking.messaging.silence": 4.3,
    "booking.messaging.outbox": 4.2,
    "booking.messaging": 4.1,
    "booking.calendar_file": 4.1,
    "booking.held_time": 4.1,
    "booking.doctor_calendar": 4.1,
    "booking.feed_fetching": 3,
    "booking.feed_reading": 3,
    "booking.feed_process": 3.5,
    "booking.readiness": 4,
    "booking.standing": 4,
    "booking.desk_clocks": 3,
    "booking.desk_tasks": 3,
    "booking.reports": 3,
    "booking.actors": 3,
    "booking.moves": 3,
    "booking.availability": 3,
    "booking.timetable": 3,
    "booking.travel": 3,
    "booking.week": 3,
    "booking.promise": 3,
    "booking.links": 3,
    "booking.name_words": 3,
    "booking.prep_plan": 3,
    "booking.unusual_time": 3,
    "booking.visit_terms": 3,
    "booking.models": 2,
    "booking.encryption": 1,
    "pages": 1,
}
# Modules of one floor that make one room together.
SHARED_ROOMS = (
    {
        "booking.availability",
        "booking.timetable",
        "booking.travel",
        "booking.week",
        "booking.promise",
        "booking.desk_clocks",
        "booking.reports",
        "booking.links",
        "booking.prep_plan",
        "booking.unusual_time",
    },
    {"booking.messaging", "booking.calendar_file"},
    {"booking.forms", "booking.staff_forms", "booking.timetable_forms"},
)
SIMULATOR = "booking.simulator"
MAY_IMPORT_SIMULATOR = ("booking.simulator", "booking.management.commands.twilio_simulator")

STATUS_WRITER = "booking.standing"
STATE_WRITER = "booking.messaging.message_state"
WRITING_CALLS = {"dict", "update", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "save"}
# Their `status` is what the provider said, not where a request stands.
OTHER_STATUSES = {"DeliveryReport"}
# A dict in these rooms fills a page or a sentence; what they would save, saves() finds.
ROOMS_THAT_ONLY_ANSWER = ("booking.views.", "booking.admin.", "booking.simulator.")
REQUESTS_AND_MESSAGES = {
    "AppointmentRequest",
    "ConsentEvent",
    "ContactNumber",
    "HeldGrain",
    "HeldTime",
    "IncomingText",
    "NameWord",
    "OutgoingMessage",
    "RequestEvent",
    "RequestedDay",
    "Visit",
}


@dataclass
class Module:
    """One source file."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """Parsed once, so that nodes can be compared."""
        return ast.parse(self.source)


def modules() -> list[Module]:
    """Every module of the product; migrations are written by Django."""
    found = []
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            if "migrations" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, file.read_text()))
    return found


def imported(module: Module, names: set[str]) -> set[str]:
    """The modules of ours that this one imports; `from package import name` means package.name where that is one."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in names else node.module)
    return {name for name in found if name.split(".")[0] in APPS} - {module.name}


def room_of(name: str) -> str:
    """The entry of FLOORS that a module belongs to."""
    fitting = [room for room in FLOORS if name == room or name.startswith(room + ".")]
    return max(fitting, key=len, default="")


def upward_imports(module: Module, names: set[str]) -> list[str]:
    """Imports that the table does not allow."""
    if module.name.startswith(SIMULATOR):
        return [f"{module.name} imports {n}" for n in imported(module, names) if not n.startswith(SIMULATOR)]
    own = room_of(module.name)
    if not own:
        return [] if module.name in APPS else [f"{module.name} stands on no floor"]
    wrong = []
    for name in sorted(imported(module, names)):
        if name.startswith(SIMULATOR):
            allowed = module.name.startswith(MAY_IMPORT_SIMULATOR)
        else:
            other = room_of(name)
            same_room = own == other or any({own, other} <= shared for shared in SHARED_ROOMS)
            lower = bool(other) and FLOORS[other] < FLOORS[own] and not (own == "pages" and name.startswith("booking"))
            allowed = same_room or lower or name in APPS
        if not allowed:
            wrong.append(f"{module.name} imports {name}")
    return wrong


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other (Tarjan's strongly connected components of more than one)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in edges:
        if node not in index:
            visit(node)
    return found


def hidden_imports(module: Module) -> list[str]:
    """Imports inside a function, except in an AppConfig's ready()."""
    allowed = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any("AppConfig" in ast.unparse(parent) for parent in node.bases)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "ready"
        for inner in ast.walk(method)
    }
    return [
        f"{module.name}:{inner.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom) and id(inner) not in allowed
    ]


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end."""
    return (function.end_lineno or 0) - function.lineno + 1


def is_view(module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A public function of a views module that takes the HTTP request first."""
    parts = module.name.split(".")
    first = next(iter(function.args.args), None)
    note = ast.unparse(first.annotation) if first is not None and first.annotation else ""
    is_public = not function.name.startswith("_")
    return is_public and ("views" in parts or module.name == "clinic_site.health") and "HttpRequest" in note


def missing_docstring(module: Module) -> list[str]:
    """A first line that says the one job, and somewhere in the docstring what is not done here."""
    if not module.source.strip():
        return []
    said = ast.get_docstring(module.tree) or ""
    words = set(said.lower().replace(".", " ").replace(",", " ").replace(":", " ").split())
    if said and words & {"not", "nothing", "never", "no", "nor", "only", "neither", "none", "alone"}:
        return []
    return [f"{module.name} does not say its one job and what it must not do"]


def forbidden_name(module: Module) -> list[str]:
    """Names of modules that mean: a function without a home."""
    return [module.name] if set(module.name.split(".")) & FORBIDDEN_NAMES else []


def writes_of(field: str, module: Module) -> list[str]:
    """Places that write `field` on a row: assignment, setattr, update(), create(), save(update_fields) and the like;
    and columns that are gathered in a dict, to be written somewhere else."""
    gathers = not module.name.startswith(ROOMS_THAT_ONLY_ANSWER)
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if _writes(field, node) or (gathers and _gathers(field, node))
    ]


def writes_beside(field: str, writer: str, found_in: Iterable[Module]) -> list[str]:
    """Places of booking that write `field` and are not in its one `writer`."""
    others = [m for m in found_in if m.name.split(".")[0] == "booking" and m.name != writer]
    return [found for module in others for found in writes_of(field, module)]


def _gathers(field: str, node: ast.AST) -> bool:
    """{"status": …} and columns["status"] = …"""
    if isinstance(node, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value == field for key in node.keys)
    is_target = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    return is_target and isinstance(node.slice, ast.Constant) and node.slice.value == field


def _writes(field: str, node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [inner for target in targets for inner in (target.elts if isinstance(target, ast.Tuple) else [target])]
        return any(isinstance(target, ast.Attribute) and target.attr == field for target in flat)
    if not isinstance(node, ast.Call):
        return False
    name = _called(node)
    if name == "setattr":
        return any(isinstance(argument, ast.Constant) and argument.value == field for argument in node.args)
    if name not in WRITING_CALLS | {"AppointmentRequest", "OutgoingMessage"} or root_of(node.func) in OTHER_STATUSES:
        return False
    given = {keyword.arg for keyword in node.keywords}
    mentioned = {
        inner.value
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        for inner in ast.walk(argument)
        if isinstance(inner, ast.Constant)
    }
    in_names = name in {"save", "bulk_update", "get_or_create", "update_or_create"} and field in mentioned
    return field in given or in_names


def raw_updates(module: Module) -> list[str]:
    """SQL that would go around the rules above. A delivery report has no status to guard, and comes in crowds."""
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and not node.value.startswith("INSERT INTO booking_deliveryreport (")
        and re.match(r"\s*(update\s+\S+\s+set|insert\s+into|delete\s+from)\s", node.value, re.IGNORECASE)
    ]


def saves(module: Module) -> list[str]:
    """Places in views, forms and admin that write a request, a message or what belongs to them."""
    rooms = ("booking.views", "booking.forms", "booking.staff_forms", "booking.timetable_forms", "booking.admin")
    if not module.name.startswith(rooms):
        return []
    return [f"{module.name}:{node.lineno}" for node in ast.walk(module.tree) if _saves(node)]


def _saves(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    root, name = root_of(node.func), node.func.attr
    if name == "save" or (name == "delete" and not node.args):
        return root != "super"
    return name in WRITING_CALLS and root in REQUESTS_AND_MESSAGES


def signal_receivers(module: Module) -> list[str]:
    """Django signals: a write whose effects nobody sees where it is made."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            sources = [node.module or ""]
        elif isinstance(node, ast.Import):
            sources = [alias.name for alias in node.names]
        else:
            continue
        if any(s.startswith("django") and s.split(".")[-1] in {"signals", "dispatch", "dispatcher"} for s in sources):
            found.append(f"{module.name}:{node.lineno}")
    return found


def csrf_exemptions(module: Module) -> list[str]:
    """csrf_exempt anywhere but on the signed webhooks."""
    if module.name == "booking.views.twilio_webhooks":
        return []
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == "csrf_exempt")
        or (isinstance(node, ast.Attribute) and node.attr == "csrf_exempt")
    ]


def root_of(node: ast.AST) -> str:
    """The name at the start of a chain: Visit in Visit.objects.filter(…).update."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def too_long(lengths: Iterable[tuple[str, int]], *, most: int) -> list[str]:
    """The names whose length is over the limit."""
    return [f"{name}: {count} lines" for name, count in lengths if count > most]
