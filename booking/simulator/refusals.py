"""Which messages Twilio refuses at once, and with which code. Must not keep or send anything."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from booking.simulator.account import DEFAULT_SENDER, Account
from booking.simulator.store import Store

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST_BODY = 1600

TEXTS = {
    20003: "Authenticate",
    20004: "Method not allowed",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    21211: "Invalid 'To' Phone Number: {to}",
    21212: "Invalid From Number (caller ID): {sender}",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number: {to}.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {sender} is not an SMS-capable phone number of your account.",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "The 'To' phone number: {to}, is not reachable from the 'From' phone number: {sender} via SMS.",
    21614: "To number: {to}, is not a mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    21705: "The Messaging Service Sid is invalid.",
}
MAGIC_TO = {"1": 21211, "2": 21612, "3": 21408, "4": 21610, "9": 21614}
MAGIC_FROM = {"1": 21212, "7": 21606, "8": 21611}


@dataclass
class Refused(Exception):
    """An answer that is not a success, as the API words it. Like Twilio's, it repeats the numbers."""

    code: int
    status: int = 400
    to: str = ""
    sender: str = ""

    def payload(self) -> dict[str, object]:
        """Twilio's JSON shape."""
        text = TEXTS.get(self.code, "The request was refused.")
        return {
            "code": self.code,
            "message": text.format(to=self.to, sender=self.sender),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def check(form: dict[str, str], account: Account, store: Store) -> None:
    """Raise Refused if Twilio would not take this message. In order: fields, sender, number, block list."""
    to, sender, service = form.get("To", ""), form.get("From", ""), form.get("MessagingServiceSid", "")
    code = (
        _fields(form)
        or (0 if service and not sender else _sender(sender, account))
        or (21705 if service and account.service_sid not in {"", service} else 0)
        or _number(to)
        or (21610 if store.is_blocked(to) and not account.advanced_opt_out else 0)
    )
    if code:
        raise Refused(code, to=to, sender=sender)


def _fields(form: dict[str, str]) -> int:
    if not form.get("To"):
        return 21604
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603
    if not form.get("Body"):
        return 21602
    if len(form["Body"]) > LONGEST_BODY:
        return 21617
    callback = form.get("StatusCallback", "")
    return 21609 if callback and not _is_address(callback) else 0


def _sender(sender: str, account: Account) -> int:
    if sender == account.sender:
        return 0
    if sender.startswith("+1500555000"):
        return 0 if sender == DEFAULT_SENDER else MAGIC_FROM.get(sender[-1], 21606)
    return 21606 if E164.fullmatch(sender) else 21212


def _number(to: str) -> int:
    if not E164.fullmatch(to):
        return 21211
    if to.startswith("+1500555000"):
        return MAGIC_TO.get(to[-1], 0)
    return 0 if to.startswith("+1") and len(to) == 12 else 21408


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in str(parts.hostname)
    except ValueError:
        return False
