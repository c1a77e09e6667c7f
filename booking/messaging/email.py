"""Hands one email to the mail server. Must not know what it says or why; raises the same three outcomes as the text
service, so that the outbox treats both alike."""

import smtplib
from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _

from booking.messaging.twilio import Accepted, OutcomeUnknown, Refusal, Scope, SendRefused

_BAD_ADDRESS = Refusal(Scope.NUMBER, _("The mail server does not know this address."))
_NOT_TAKEN = Refusal(Scope.MESSAGE, _("The mail server did not take the message."))
_TRY_LATER = Refusal(Scope.TRANSIENT, _("The mail server was not reachable."))
_NOT_SET_UP = Refusal(Scope.CONFIGURATION, _("The mail server does not let us in."))


def send(*, to: str, subject: str, body: str, callback_key: str) -> Accepted:
    """Hand over one message. Its Message-ID comes from our own id, so that a mail server that takes it twice can
    tell. Raises SendRefused or OutcomeUnknown; neither carries an address."""
    message_id = make_msgid(idstring=callback_key, domain=settings.SITE_HOST)
    message = EmailMessage(subject=subject, body=body, to=[to], headers={"Message-ID": message_id})
    failure: Exception
    try:
        message.send()
        return Accepted(provider_id="", status="sent", provider_status="")
    except smtplib.SMTPAuthenticationError:
        failure = SendRefused(_NOT_SET_UP, code=535)
    except smtplib.SMTPRecipientsRefused as refused:
        code = next((reply[0] for reply in refused.recipients.values()), 550)
        failure = SendRefused(_TRY_LATER if 400 <= code < 500 else _BAD_ADDRESS, code=code)
    except smtplib.SMTPResponseException as answered:
        code = answered.smtp_code
        failure = SendRefused(_TRY_LATER if 400 <= code < 500 else _NOT_TAKEN, code=code)
    except ConnectionRefusedError:
        failure = SendRefused(_TRY_LATER, code=0)  # nothing left us
    except (smtplib.SMTPException, OSError):
        # The connection broke or ran out of time: a mail server cannot be asked whether it took the message.
        failure = OutcomeUnknown("mail server silent")
    raise failure
