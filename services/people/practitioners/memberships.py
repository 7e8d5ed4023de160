"""A membership: in which agency somebody works, and as what; by whose two hands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.practitioners.people import plain_name


@dataclass(frozen=True, slots=True)
class Membership:
    """One state of it. An account has one membership at a time.

    `since` is when they began in this agency, whatever they have been there; `worker_ref` is what
    the agency calls them, by which its feeds give them their cases. While it is suspended nothing
    opens for them, and nothing of what they hold ends.
    """

    practitioner: PractitionerId
    agency: str
    role: Role
    worker_ref: str | None
    since: datetime
    asked_by: str
    warranted_by: str
    until: datetime | None = None
    state: int = 1
    suspended_at: datetime | None = None

    def is_over(self, at: datetime) -> bool:
        """Whether they work there no more."""
        return self.until is not None and self.until <= at

    def is_here(self, at: datetime) -> bool:
        """Whether it lets them do anything: it is not over, and nobody has suspended it."""
        return not self.is_over(at) and self.suspended_at is None

    def ended(self, at: datetime) -> "Membership":
        """The same, over since then."""
        return replace(self, until=at)


def next_membership(
    before: Membership | None,
    agency: str,
    practitioner: PractitionerId,
    role: Role,
    worker_ref: str | None,
    *,
    asked_by: str,
    warranted_by: str,
    at: datetime,
) -> Membership:
    """The state that follows; whoever stays in the agency has been there since they began."""
    stays = before is not None and before.agency == agency and not before.is_over(at)
    return Membership(
        practitioner,
        agency,
        role,
        worker_ref,
        before.since if before is not None and stays else at,
        asked_by,
        warranted_by,
        state=1 if before is None else before.state + 1,
    )


class StandingStaff:
    """Who works anywhere now, suspended or not, to be compared with whoever is to come."""

    def __init__(self, everybody: Iterable[tuple[Membership, str]]) -> None:
        self._of: dict[PractitionerId, Membership] = {}
        self._by_ref: dict[tuple[str, str], PractitionerId] = {}
        self._by_name: dict[str, list[Membership]] = {}
        for one, called in everybody:
            self._of[one.practitioner] = one
            self._by_name.setdefault(plain_name(called), []).append(one)
            if one.worker_ref is not None:
                self._by_ref[one.agency, one.worker_ref] = one.practitioner

    def called(self, agency: str, worker_ref: str) -> PractitionerId | None:
        """Whom this agency calls so."""
        return self._by_ref.get((agency, worker_ref))

    def agency_of(self, practitioner: PractitionerId) -> str | None:
        """Where somebody works."""
        found = self._of.get(practitioner)
        return None if found is None else found.agency

    def may_be(self, name: str, accounts: Collection[PractitionerId]) -> Iterable[Membership]:
        """What else one human being is who has this name, or these other accounts."""
        yield from self._by_name.get(plain_name(name), ())
        yield from (self._of[one] for one in accounts if one in self._of)
