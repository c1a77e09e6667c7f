"""The one customer the local Twilio serves, as plain values. Must not read settings: callers pass them."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

DEFAULT_SENDER = "+15005550006"  # Twilio's own number for tests that always works


@dataclass(frozen=True)
class Account:
    """Credentials, sender and addresses. Without `inbound_url` replies stay in the conversation."""

    account_sid: str = "AC" + "0" * 32
    auth_token: str = "simulated-auth-token"  # noqa: S105 - made up, opens nothing
    api_keys: Mapping[str, str] = field(default_factory=dict)  # id and secret
    service_sid: str = ""  # the one messaging service; without it any is taken
    from_number: str = ""
    inbound_url: str = ""
    delay: float = 0.02  # seconds before each callback
    advanced_opt_out: bool = False
    zone: tzinfo | None = None  # of the times on the phone page

    @property
    def sender(self) -> str:
        """The number texts come from."""
        return self.from_number or DEFAULT_SENDER

    def opens(self, user: str, password: str) -> bool:
        """Whether these are the account's own id and token, or its API key."""
        pairs = [(self.account_sid, self.auth_token), *self.api_keys.items()]
        given = f"{user}:{password}".encode()
        return any(hmac.compare_digest(given, f"{name}:{secret}".encode()) for name, secret in pairs)
