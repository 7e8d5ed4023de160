"""What the partner interfaces are told of where they stand."""

from dataclasses import dataclass
from datetime import timedelta

from connectors.limits import MIB

TOKEN_PATH = "/oauth/token"  # noqa: S105 an address
TOKEN_LASTS = timedelta(hours=1)
"""Existing senders take one token for a whole run; a suspended partner's counts no more at once."""
ACTING_TOKEN_LASTS = timedelta(minutes=10)
"""One that names a practitioner is for what they look at now."""
PUSH_BYTES = 8 * MIB
"""In memory several times as much, and as many at once as there are transactions at once."""
FAILURES_LIMIT_PER_SECOND = 0.5
FAILURES_BURST = 20


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """`public_url` is the address by which partners know us, without a slash at its end."""

    public_url: str

    @property
    def token_url(self) -> str:
        """Where tokens are asked for, and the audience of assertions."""
        return self.public_url + TOKEN_PATH
