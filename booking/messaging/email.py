"""Hands one email to the mail server. Must not know what it says or why; raises the same three outcomes as the text
service, so that the outbox treats both alike.

Connecting and handing over are two steps, because they fail differently: without a connection nothing left us, and
trying again is safe. After that, silence means that nobody knows, and a mail server cannot be asked.
"""

import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from booking.messaging.twilio import Accepted, OutcomeUnknown, Refusal, Scope, SendRefused

logger = logging.getLogger("booking.email")

_BAD_ADDRESS = Refusal(Scope.NUMBER, _("The mail server does not know this address."))
_NOT_TAKEN = Refusal(Scope.MESSAGE, _("The mail server did not take the message."))
_TRY_LATER = Refusal(Scope.TRANSIENT, _("The mail server was not reachable."))
_NOT_SET_UP = Refusal(Scope.CONFIGURATION, _("The mail server does not let us in."))


@sensitive_variables()
def send(*, to: str, subject: str, body: str, callback_key: str) -> Accepted:
    """Hand over one message. Its Message-ID is our own id, the same on every try, so that a mail server that gets it
    twice can tell. Raises SendRefused or OutcomeUnknown; neither carries an address."""
    if not to:
        raise SendRefused(_BAD_ADDRESS, code=0)  # deleted meanwhile; Django would report success
    headers = {"Message-ID": f"<{callback_key}@{settings.SITE_HOST}>", "Auto-Submitted": "auto-generated"}
    connection = get_connection()
    failure: Exception | None = None
    try:
        connection.open()
    except Exception as error:  # all of them: the text of any may hold an address
        failure = _not_connected(error)
    if failure is None:
        message = EmailMessage(subject=subject, body=body, to=[to], headers=headers, connection=connection)
        try:
            message.send()
        except Exception as error:
            failure = _not_handed_over(error)
        finally:
            _close(connection)
    # Outside the except blocks, so that the failure does not carry the original in its context.
    if failure is not None:
        raise failure
    return Accepted(provider_id="", status="sent", provider_status="")


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
