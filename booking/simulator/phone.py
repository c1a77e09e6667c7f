"""The page that shows the patient's phone. Must not change anything; escapes every text."""

import re
import time
from datetime import date, tzinfo
from html import escape
from urllib.parse import urlencode

from booking.simulator.account import Account
from booking.simulator.messages_api import segments
from booking.simulator.store import Message, Store

_LINK = re.compile(r"https?://[^\s<>\"']+")
_STATUS_WORDS = {
    "accepted": "Waiting",
    "queued": "Waiting",
    "sent": "Sent",
    "delivered": "Delivered",
    "undelivered": "Not delivered",
    "failed": "Failed",
}


def page(store: Store, account: Account, asked: str) -> str:
    """The whole page, with the conversation of the number asked for, else the newest one."""
    conversations = store.conversations()
    number = as_number(asked)
    problem = "" if number or not asked.strip() else "This is not a US phone number. Try one like +1 213 555 0142."
    if not number and not problem:
        number = next(iter(conversations), "")
    main = _conversation(store, account, number, conversations.get(number, [])) if number else _nothing(problem)
    return _PAGE.format(
        title=f"{escape(shown(number))} - Patient's phone" if number else "Patient's phone",
        reload=escape(_address(number), quote=True),
        conversations=_list(conversations, number),
        main=main,
    )


def as_number(text: str) -> str:
    """A US number as people write it, in Twilio's spelling; empty if it is none."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 10:
        digits = "1" + digits
    return f"+{digits}" if re.fullmatch(r"1[0-9]{10}", digits) else ""


def shown(number: str) -> str:
    """A number as people read it."""
    found = re.fullmatch(r"\+1([0-9]{3})([0-9]{3})([0-9]{4})", number)
    return "({}) {}-{}".format(*found.groups()) if found else number


def linked(text: str) -> str:
    """The text as HTML, its web addresses as links. Nothing else in it becomes markup."""
    parts: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        url = match.group().rstrip(".,;:!?)")
        parts.append(escape(text[end : match.start()]))
        address = escape(url, quote=True)
        parts.append(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')
        end = match.start() + len(url)
    return "".join([*parts, escape(text[end:])])


def _list(conversations: dict[str, list[Message]], current: str) -> str:
    if not conversations:
        return '<p class="quiet">None yet.</p>'
    rows = []
    for number, messages in conversations.items():
        mark = ' aria-current="page"' if number == current else ""
        href = escape(_address(number), quote=True)
        rows.append(
            f'<li><a class="number" href="{href}"{mark}><b>{escape(shown(number))}</b>'
            f'<span class="preview">{escape(messages[-1].body[:60])}</span></a></li>'
        )
    return f'<ul class="numbers">{"".join(rows)}</ul>'


def _conversation(store: Store, account: Account, number: str, messages: list[Message]) -> str:
    day: date | None = None
    rows = []
    for message in messages:
        local = message.created.astimezone(account.zone)
        if local.date() != day:
            day = local.date()
            rows.append(f'<li class="day">{day:%A, %B} {day.day}</li>')
        rows.append(_bubble(message, account.zone))
    blocked = (
        '<p class="stopped">This number said STOP. Twilio refuses texts to it until it says START.</p>'
        if store.is_blocked(number)
        else ""
    )
    bubbles = f'<ol class="bubbles">{"".join(rows)}</ol>' if rows else '<p class="quiet">No texts yet.</p>'
    return _PHONE.format(
        shown=escape(shown(number)), number=escape(number, quote=True), bubbles=bubbles, blocked=blocked
    )


def _bubble(message: Message, zone: tzinfo | None) -> str:
    mine = message.direction == "inbound"
    who = "You" if mine else "Twilio, by itself" if message.direction == "automatic" else "Clinic"
    local = message.created.astimezone(zone)
    notes = [f"{local:%I:%M %p}".lstrip("0")]
    if not mine:
        words = _STATUS_WORDS.get(message.status, message.status)
        notes.append(f"{words} ({message.error_code})" if message.error_code else words)
        count = segments(message.body)
        notes.append(f"{len(message.body)} characters, {count} {'part' if count == 1 else 'parts'}")
    return (
        f'<li class="bubble {"mine" if mine else "theirs"}"><p class="who">{who}</p>'
        f'<p class="text">{linked(message.body)}</p><p class="note">{escape(" · ".join(notes))}</p></li>'
    )


def _nothing(problem: str) -> str:
    if problem:
        return f'<h2>No conversation</h2><p class="stopped">{escape(problem)}</p>'
    words = "Ask for an appointment on the site and tick the box for texts."
    return f'<h2>No texts yet</h2><p class="quiet">{words}</p>'


def _address(number: str) -> str:
    # The instant makes the address new each time: a link to the same address with #latest would only scroll.
    asked = {**({"number": number} if number else {}), "at": str(time.time_ns() // 1_000_000)}
    return f"/?{urlencode(asked)}#latest"


_PHONE = """<div class="screen">
<h2>{shown}</h2>
{bubbles}
{blocked}
<form class="reply" id="latest" method="post" action="/">
<input type="hidden" name="number" value="{number}">
<label for="body">Text from the patient</label>
<div class="row"><input id="body" name="body" type="text" maxlength="1600" autocomplete="off" required>
<button class="send" type="submit">Send</button></div>
</form>
<form class="quick" method="post" action="/">
<input type="hidden" name="number" value="{number}">
<span class="quiet" id="one-word">Or one word:</span>
<button type="submit" name="body" value="STOP">STOP</button>
<button type="submit" name="body" value="HELP">HELP</button>
<button type="submit" name="body" value="START">START</button>
</form>
</div>"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} (simulator)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/phone.css">
</head>
<body>
<header><h1>Patient's phone (simulator)</h1>
<p class="quiet">Stands in for Twilio on this machine. No text leaves it.</p>
<p><a class="button" href="{reload}">Reload</a></p></header>
<div class="columns">
<nav aria-labelledby="list"><h2 id="list">Conversations</h2>
{conversations}
<form class="other" method="get" action="/">
<label for="number">Another number</label>
<div class="row"><input id="number" name="number" type="tel" autocomplete="off" required>
<button type="submit">Open</button></div>
</form></nav>
<main>{main}</main>
</div>
</body>
</html>
"""
