"""A partner as it is registered, and how it stands."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from schemas.uk_time import uk_day
from schemas.vocabulary import LabelledCode
from services.people.presence.contacts import Contact, ContactKind

LASTS = timedelta(days=365)
"""How long a registration holds; then each partner says again that it is so."""
ASKED_BEFORE = timedelta(days=30)
FEWEST_PEOPLE, MOST_PEOPLE = 2, 10
LONGEST_LINE = 200


class RegistrationFault(LabelledCode):
    """What is wrong with a registration."""

    FEW = "too-few-people", "At least two people answer for a partner"
    MANY = "too-many-people", "At most ten people answer for a partner"
    EMAIL = "email-is-none", "Each person has an email address that can be written to"
    NUMBER = "second-way-is-none", "Each person has a mobile number, or a second email address"
    SAME_WAY = "second-way-is-shared", "A number or second address is one person's alone"
    LEAD = "safeguarding-lead-is-none", "Say in a line who leads on safeguarding, and their number"
    INSURANCE = "insurance-is-over", "The insurance has to hold today, and end within two years"


@dataclass(frozen=True, slots=True, repr=False)
class PartnerPerson:
    """One who answers for a partner: mail goes to `email`, codes go by `second`.

    `id` is opaque, and stays while both are the same.
    """

    id: str
    email: Contact
    second: Contact


@dataclass(frozen=True, slots=True, repr=False)
class PartnerRegistration:
    """What a partner has said of itself. `is_commissioned`: it works under an arrangement.

    Whoever works under arrangements with a council or the NHS may be under the duty to share
    (Children's Wellbeing and Schools Act 2026, s.4); a group of a church is not.
    """

    people: tuple[PartnerPerson, ...]
    safeguarding_lead: str
    insured_until: date
    is_commissioned: bool

    def fault(self, today: date) -> RegistrationFault | None:
        """What is wrong with it, if anything is: the first of these."""
        seconds = {one.second.value for one in self.people}
        mailboxes = {one.email.value for one in self.people}
        lead = self.safeguarding_lead
        wrong = {
            RegistrationFault.FEW: len(self.people) < FEWEST_PEOPLE,
            RegistrationFault.MANY: len(self.people) > MOST_PEOPLE,
            RegistrationFault.EMAIL: any(
                one.email.kind is not ContactKind.EMAIL for one in self.people
            ),
            RegistrationFault.NUMBER: any(one.second.kind.channel is None for one in self.people),
            RegistrationFault.SAME_WAY: len(seconds) < len(self.people)
            or bool(seconds & mailboxes),
            RegistrationFault.LEAD: not (
                lead.strip() and len(lead) <= LONGEST_LINE and lead.isprintable()
            ),
            RegistrationFault.INSURANCE: not today <= self.insured_until <= today + 2 * LASTS,
        }
        return next((fault for fault, is_so in wrong.items() if is_so), None)

    def as_bytes(self) -> bytes:
        """All of it, in one spelling."""
        told = {
            "people": [
                [one.id, one.email.value, one.second.kind.value, one.second.value]
                for one in self.people
            ],
            "lead": self.safeguarding_lead,
            "insured_until": self.insured_until.isoformat(),
            "commissioned": self.is_commissioned,
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "PartnerRegistration":
        """The same, read back."""
        told: Mapping[str, Any] = json.loads(content)
        people = tuple(
            PartnerPerson(
                person, Contact(ContactKind.EMAIL, email), Contact(ContactKind(kind), second)
            )
            for person, email, kind, second in told["people"]
        )
        until = date.fromisoformat(told["insured_until"])
        return cls(people, told["lead"], until, told["commissioned"])


@dataclass(frozen=True, slots=True, repr=False)
class PartnerStanding:
    """One state of a partner's registration, by whose two hands, and since when."""

    partner: str
    state: int
    registration: PartnerRegistration
    asked_by: str
    warranted_by: str
    order: str
    known_at: datetime

    @property
    def lapses_at(self) -> datetime:
        """When it has to be confirmed anew."""
        return self.known_at + LASTS

    @property
    def is_ended(self) -> bool:
        """Whether nobody answers for it any more."""
        return not self.registration.people

    def is_due(self, at: datetime) -> bool:
        """Whether the partner is asked to confirm: in the last days of its year, and after it."""
        return not self.is_ended and at >= self.lapses_at - ASKED_BEFORE

    def holds(self, at: datetime) -> bool:
        """Whether it was confirmed within the year."""
        return self.known_at <= at < self.lapses_at

    def may_be_offered(self, at: datetime) -> bool:
        """Whether a family may be offered what it does.

        (1) It was confirmed within the year. (2) It is insured. (3) Two people answer.
        """
        told = self.registration
        return (
            self.holds(at)  # (1)
            and uk_day(at) <= told.insured_until  # (2)
            and len(told.people) >= FEWEST_PEOPLE  # (3)
        )

    def person(self, person: str) -> PartnerPerson | None:
        """One of those who answer for it now."""
        return next((one for one in self.registration.people if one.id == person), None)


def keeping_ids(
    people: Sequence[tuple[Contact, Contact]],
    before: Collection[PartnerPerson],
    new_id: Sequence[str],
) -> tuple[PartnerPerson, ...]:
    """Those who answer, under the id that they had while they are reached as they were."""
    known = {(one.email, one.second): one.id for one in before}
    return tuple(
        PartnerPerson(known.get(reached, fresh), *reached)
        for reached, fresh in zip(people, new_id, strict=True)
    )
