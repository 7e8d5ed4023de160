"""Sessions in memory, and signing in where no provider is set up; see their contract."""

# ruff: noqa: ARG002 - without a provider every answer is the same

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from schemas.identifiers import PersonId, PractitionerId
from services.people.practitioners.coming_in import BegunRefusal
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.practitioners.postgres_drafts import Typed
from services.people.practitioners.postgres_sessions import ListedSession
from services.people.practitioners.sessions import Opened
from services.people.signing_in.ports import Returned
from services.people.signing_in.providers import Provider
from services.portal.front.sign_in.services_sessions import SessionOver


class FakeSigningIn:
    """Every answer is that of an installation whose settings name no provider."""

    def providers(self) -> Sequence[Provider]:
        return ()

    def begin(
        self, provider: str, browser: str, *, back_to: str, again_as: PractitionerId | None = None
    ) -> BegunRefusal:
        return BegunRefusal.NO_PROVIDER

    def come_back(
        self, returned: Returned, state: str, browser: str, former: str | None
    ) -> BegunRefusal:
        return BegunRefusal.NO_PROVIDER

    def offered(self, browser: str) -> None:
        return None

    def choose(self, account: str, browser: str, former: str | None) -> None:
        return None

    def log_out(self, provider: str, token: str) -> bool:
        return False

    def address_to_sign_out(self, provider: str, token: str) -> None:
        return None


@dataclass(slots=True)
class FakeSessions:
    """Sessions that never end by themselves, one account each; and what was typed, unsealed."""

    opened: dict[str, Session] = field(default_factory=dict)
    ended: dict[str, SessionOver] = field(default_factory=dict)
    drafts: dict[str, tuple[PractitionerId, str, Typed]] = field(default_factory=dict)

    def open(self, who: SignedInPractitioner, at: datetime) -> str:
        """Open one; its secret."""
        secret = secrets.token_urlsafe(32)
        self.opened[secret] = Session(
            practitioner=who,
            csrf_secret=secrets.token_bytes(32),
            signed_in_at=at,
            authenticated_at=at,
            id=uuid4().hex,
        )
        return secret

    def leave(self, secret: str) -> None:
        """Let one end by itself, as if nobody had used it."""
        over = self.opened.pop(secret)
        self.ended[secret] = SessionOver(over.practitioner.id, over.csrf_secret)

    def own(self, who: SignedInPractitioner) -> Sequence[ListedSession]:
        return [one for one in self.all(who) if one.practitioner == who.id]

    def all(self, who: SignedInPractitioner, after: str | None = None) -> Sequence[ListedSession]:
        told = [
            ListedSession(
                one.id,
                one.practitioner.id,
                one.practitioner.name,
                one.provider,
                one.signed_in_at,
                one.signed_in_at,
            )
            for one in self.opened.values()
        ]
        by_name = sorted(told, key=lambda one: (one.name, one.id))
        places = [n for n, one in enumerate(by_name, 1) if one.id == after]
        return by_name[places[0] :] if places else by_name if after is None else []

    def end_own(self, who: SignedInPractitioner, session: str) -> bool:
        return self.end_for(who, who.id, session)

    def end_others(self, current: Session) -> int:
        others = [one.id for one in self.own(current.practitioner) if one.id != current.id]
        return sum(self.end_own(current.practitioner, one) for one in others)

    def end_for(self, by: SignedInPractitioner, of: PractitionerId, session: str) -> bool:
        found = [
            secret
            for secret, one in self.opened.items()
            if one.id == session and one.practitioner.id == of
        ]
        for secret in found:
            del self.opened[secret]
        return bool(found)

    def accounts(self, secret: str) -> Sequence[SignedInPractitioner]:
        return ()

    def change_account(self, secret: str, account: str) -> Opened | None:
        return None

    def accept_conditions(self, session: Session) -> None:
        return

    def over(self, secret: str) -> SessionOver | None:
        return self.ended.get(secret)

    def keep_typed(
        self, who: PractitionerId, person: PersonId | None, address: str, typed: Typed, secret: str
    ) -> None:
        self.drafts[secret] = (who, address, typed)

    def where_typed(self, who: PractitionerId, secret: str) -> str | None:
        found = self.drafts.get(secret)
        return found[1] if found is not None and found[0] == who else None

    def typed(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        if self.where_typed(who, secret) != address:
            return None
        return self.drafts.pop(secret)[2]

    def typed_so_far(self, who: PractitionerId, address: str, secret: str) -> Typed | None:
        is_there = self.where_typed(who, secret) == address
        return self.drafts[secret][2] if is_there else None
