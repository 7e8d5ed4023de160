"""Which sign-in opens which account, as history: the states of one are never changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.identifiers import PractitionerId

CODE_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, repr=False)
class SignIn:
    """Who somebody is to a provider: `digest` is a keyed hash of issuer and subject."""

    provider: str
    digest: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SignInAccount:
    """One state of it: since when, and until when, a sign-in opens an account."""

    practitioner: PractitionerId
    sign_in: SignIn
    since: datetime
    asked_by: str
    warranted_by: str
    until: datetime | None = None
    state: int = 1

    def is_over(self, at: datetime) -> bool:
        """Whether it opens the account no more."""
        return self.until is not None and self.until <= at


def next_account(
    before: SignInAccount | None,
    practitioner: PractitionerId,
    sign_in: SignIn,
    *,
    asked_by: str,
    warranted_by: str,
    at: datetime,
) -> SignInAccount:
    """The state that follows, in force from now on."""
    state = 1 if before is None else before.state + 1
    return SignInAccount(practitioner, sign_in, at, asked_by, warranted_by, state=state)


def ended_account(before: SignInAccount, *, by: str, at: datetime) -> SignInAccount:
    """The state that follows, over since now."""
    return replace(before, until=at, asked_by=by, warranted_by=by, state=before.state + 1)
