"""Hands one email to the mail server. Must not know what it says or why; raises the same three outcomes as the text
service, so that the outbox treats both alike.

Connecting and handing over are two steps, because they fail differently: without a connection nothing left us, and
trying again is safe. After that, silence means that nobody knows, and a mail server cannot be asked.
"""

import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from booking.messaging import email_html
from booking.messaging.twilio import Accepted, OutcomeUnknown, Refusal, Scope, SendRefused

logger = logging.getLogger("booking.email")

_BAD_ADDRESS = Refusal(Scope.NUMBER, _("The mail server does not know this address."))
_NOT_TAKEN = Refusal(Scope.MESSAGE, _("The mail server did not take the message."))
_TRY_LATER = Refusal(Scope.TRANSIENT, _("The mail server was not reachable."))
_NOT_SET_UP = Refusal(Scope.CONFIGURATION, _("The mail server does not let us in."))


@sensitive_variables()
def send(*, to: str, subject: str, body: str, callback_key: str, language: str) -> Accepted:
    """Hand over one message to a patient, in plain words and in HTML. Its Message-ID is our own id, the same on every
    try, so that a mail server that gets it twice can tell. Raises like hand_over()."""
    if not to:
        raise SendRefused(_BAD_ADDRESS, code=0)  # deleted meanwhile; Django would report success
    headers = automatic_headers(callback_key, language)
    html = email_html.page(subject=subject, body=body, language=language)
    message = EmailMultiAlternatives(subject, body, to=[to], headers=headers)
    message.attach_alternative(html, "text/html")
    hand_over(message)
    return Accepted(provider_id="", status="sent", provider_status="")


@sensitive_variables()
def hand_over(message: EmailMessage) -> None:
    """The one try. Raises SendRefused or OutcomeUnknown; neither carries an address."""
    connection = message.connection = get_connection()
    failure: Exception | None = None
    try:
        connection.open()
    except Exception as error:  # all of them: the text of any may hold an address
        failure = _not_connected(error)
    if failure is None:
        try:
            message.send()
        except Exception as error:
            failure = _not_handed_over(error)
        finally:
            _close(connection)
    # Outside the except blocks, so that the failure does not carry the original in its context.
    if failure is not None:
        raise failure


def automatic_headers(callback_key: str, language: str) -> dict[str, str]:
    """No List-Unsubscribe: these answer a request of hers, and there is no list. Machines are asked not to answer."""
    return {
        "Message-ID": f"<{callback_key}@{settings.SITE_HOST}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": language,
    }


def _not_connected(error: Exception) -> SendRefused:
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        return SendRefused(_NOT_SET_UP, code=error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return SendRefused(_NOT_SET_UP, code=0)
    return SendRefused(_TRY_LATER, code=0)


def _not_handed_over(error: Exception) -> SendRefused | OutcomeUnknown:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((reply[0] for reply in error.recipients.values()), 550)
        return SendRefused(_TRY_LATER if 400 <= code < 500 else _BAD_ADDRESS, code=code)
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        if 400 <= code < 500:
            return SendRefused(_TRY_LATER, code=code)
        ours = isinstance(error, smtplib.SMTPSenderRefused)  # our own address, wrong for every message alike
        return SendRefused(_NOT_SET_UP if ours else _NOT_TAKEN, code=code)
    return OutcomeUnknown("mail server silent")


def _close(connection: Any) -> None:
    """Say goodbye. The message is handed over or not by now: a failure here changes nothing."""
    try:
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        logger.info("Closing the mail connection failed: %s", type(error).__name__)
