"""What Twilio itself does with STOP, START and HELP on a long code. Must not know the clinic."""

from booking.simulator.store import Store

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START = {"START", "YES", "UNSTOP"}
HELP = {"HELP", "INFO"}

ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def keyword(body: str) -> str:
    """STOP, START, HELP or nothing. Only a message of one word counts: "STOP PLEASE" does not."""
    word = body.strip().upper()
    for name, words in (("STOP", STOP), ("START", START), ("HELP", HELP)):
        if word in words:
            return name
    return ""


def obey(store: Store, number: str, body: str) -> tuple[str, str]:
    """Change the block list; return the keyword and Twilio's own answer (empty for none)."""
    name = keyword(body)
    if name == "STOP":
        return name, ANSWERS[name] if store.block(number) else ""
    if name == "START":
        return name, ANSWERS[name] if store.unblock(number) else ""
    if name == "HELP" and not store.is_blocked(number):
        return name, ANSWERS[name]
    return name, ""
