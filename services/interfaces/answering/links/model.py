"""Links, codes and sessions by which somebody answers for a partner."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

SESSION_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
"""Wrong codes to one link; then it takes a new link, which goes to the mailbox."""
MOST_LINKS_A_DAY = 3
"""New links to one person about one request, for whoever typed too many wrong codes."""
TERMS_VERSION = "2026-12"
REGISTRATION = "00000000-0000-0000-0000-000000000000"
"""In the place of a request: what is opened is the partner's own registration, once a year."""


class WhyNotIn(StrEnum):
    """Why no code was sent, or one opened nothing: for the ledger alone."""

    NOT_KNOWN = "is-not-known"
    CLOSED = "is-closed"
    NO_PERSON = "answers-no-more"
    WRONG = "is-wrong"
    EXPIRED = "has-expired"
    USED = "was-used"
    VOID = "is-void"
    LIMITED = "too-many"


class MailKind(StrEnum):
    """Why somebody who answers is written to."""

    REQUEST = "request"
    AGAIN = "again"
    CHASE = "chase"
    LAPSED = "lapsed"
    YEARLY = "yearly"


@dataclass(frozen=True, slots=True)
class AnsweringLink:
    """A link as it is kept: for one who answers, about one request. Of its secret only the hash."""

    id: str
    connection: str
    partner: str
    person: str
    made_at: datetime
    tries: int = 0

    @property
    def is_void(self) -> bool:
        """Whether too many wrong codes were typed to it."""
        return self.tries >= MOST_TRIES


@dataclass(frozen=True, slots=True)
class AnsweringCode:
    """A code as it is kept; `asked` is a keyed hash of the browser's secret."""

    id: str
    asked: bytes
    code: bytes
    link: str | None
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class AnsweringSession:
    """Somebody who came in by a code, for one partner and one request."""

    id: str
    link: str
    connection: str
    partner: str
    person: str
    csrf_secret: bytes = field(repr=False)

    @property
    def is_yearly(self) -> bool:
        """Whether they came to say that what is registered is still so, and about no request."""
        return self.connection == REGISTRATION

    @property
    def actor(self) -> str:
        """How the ledger names the partner; which person it was stands beside it."""
        return actor_of(self.partner)


@dataclass(frozen=True, slots=True)
class MailSent:
    """One mail about a request: to whom, why, and what became of it."""

    message: str
    connection: str
    partner: str
    person: str
    kind: MailKind
    queued_at: datetime
    handed_at: datetime | None = None
    failed_at: datetime | None = None
    because: str | None = None


def actor_of(partner: str) -> str:
    """How the ledger names a partner that answers: never as one that calls by a system."""
    return f"partner:community.{partner}"
