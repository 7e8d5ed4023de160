"""What linking needs from the outside world, and its words: joins, reviews, what may be used.

All calls join one transaction.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from consent import AccessRequest, SharedProfile
from consent.deciding.decide import Answers, together
from consent.model import Restriction
from consent.ports import Clock, Decisions, Ledger, Outbox
from consent.question import OnRecord
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, LabelledCode, Source
from services.people.linking.claims import IdentityClaim
from services.people.linking.facts import LinkFacts
from services.people.linking.scoring import Weights
from services.people.persons.clusters import JoinStanding

# For joining.

JoinId = str
"""The opaque id of a join."""

Pair = tuple[PersonId, PersonId]
"""Two persons, the lower id first where it does not matter who is who."""


class JoinRefusal(LabelledCode):
    """Why two persons are not joined, not parted or not kept apart."""

    NOT_KNOWN = "not-known", "One of them is not known"
    ALREADY_ONE = "already-one", "They are one person already"
    SAID_TO_BE_ONE = (
        "said-to-be-one",
        "They are said to be one person, and nobody else has said so yet: undo that first",
    )
    ERASED = "erased", "One of them was erased"
    OTHER_NUMBER = "other-number", "Each has a verified number, and the numbers differ"
    OTHER_BIRTH = "other-birth", "Their dates of birth differ"
    LEFT_BEHIND = "left-behind", "One belongs to an identity that was left behind"
    PROTECTED = "protected", "One of them is protected"
    KEPT_APART = "kept-apart", "Somebody has said that they are two"
    NOT_JOINED = "not-joined", "No join between them is in force"
    SAME_HAND = "same-hand", "You have said so yourself: another data steward has to say so too"
    NO_STEWARD = "no-steward", "No data steward has said so: one of the two hands has to be one"
    NOTHING_WAITS = "nothing-waits", "Nothing about them waits for anybody else"


@dataclass(frozen=True, slots=True)
class Joinable:
    """What speaks for or against joining all who are one person already.

    `created` has every member, the one known outside first. Numbers are those of which a person
    has but one, by kind, and `former_numbers` those that were replaced; births and numbers are
    keyed hashes.
    """

    created: Mapping[PersonId, datetime]
    births: frozenset[bytes]
    numbers: Mapping[str, frozenset[bytes]]
    former_numbers: frozenset[bytes]
    is_erased: bool
    is_left_behind: bool


class JoinWarrant(LabelledCode):
    """What stands for a join beside whoever said it first."""

    VERIFIED_IDENTITY = "verified-identity", "A health source verified one NHS number for both"
    SECOND_STEWARD = "second-steward", "A second data steward said so too"
    DEMONSTRATION = "demonstration", "One command is both hands among invented families"


PARTING_LAPSES_AFTER = timedelta(days=14)
"""How long one steward's word that two are two waits for another's."""


@dataclass(frozen=True, slots=True)
class Join:
    """That two persons are one: who said so, when and why. `kept` came into being first.

    `because` are codes and `score` is in bits; a person who decides may give neither. `said_by`
    made it what it is in this state; nobody but a program said so while that is `ACTOR`.
    """

    id: JoinId
    kept: PersonId
    joined: PersonId
    made_by: str
    made_at: datetime
    because: tuple[str, ...] = ()
    score: float | None = None
    standing: JoinStanding = JoinStanding.CLAIMED
    warrant: JoinWarrant | None = None
    warranted_at: datetime | None = None
    said_by: str = ""
    said_at: datetime | None = None
    state: int = 1

    @property
    def pair(self) -> Pair:
        """Whom it joins."""
        return self.kept, self.joined

    @property
    def is_warranted(self) -> bool:
        """Whether they are one to everybody, and not by one hand's word alone."""
        return self.standing in {JoinStanding.WARRANTED, JoinStanding.PARTING}

    def waits_to_part(self, at: datetime) -> bool:
        """Whether one steward says that they are two, and another can still say so too."""
        said_at = self.said_at
        is_asked = self.standing is JoinStanding.PARTING and said_at is not None
        return is_asked and said_at is not None and at < said_at + PARTING_LAPSES_AFTER


class Joins(Protocol):
    """Joins, and who was said to be two."""

    def lock(self, *persons: PersonId) -> None:
        """Let nobody else join or part anybody until this transaction ends; call it first.

        Nor erase any of these, or of those who are said to be one with them.
        """

    def joinable(self, person: PersonId) -> Joinable | None:
        """What is known of all who are said to be one with the person; None for nobody."""

    def known_of(self, persons: Collection[PersonId]) -> Joinable | None:
        """What is known of just these; None where there is none of them."""

    def have_one_verified_number(self, one: PersonId, other: PersonId) -> bool:
        """Whether a health source verified the same NHS number for both, by a kept feed."""

    def are_apart(self, some: Collection[PersonId], others: Collection[PersonId]) -> bool:
        """Whether any of the ones was said to be another person than any of the others."""

    def apart_from(self, persons: Collection[PersonId]) -> Collection[frozenset[PersonId]]:
        """Pairs with one of these that were said to be two; a join that was undone says so too."""

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know who of these was never said to be two, so that nobody asks about each of them."""

    def keep_apart(self, pair: Pair, *, by: str, at: datetime) -> bool:
        """Remember that they are two, however often it is said; False where it was known."""

    def among(self, persons: Collection[PersonId]) -> Sequence[Join]:
        """The joins that stand between any of these, also by one hand, the oldest first."""

    def find(self, join: JoinId) -> Join | None:
        """A join that stands; None for one that is not as it was written."""

    def save(self, join: Join) -> None:
        """Write down a join, or its next state; nothing is written over."""

    def leave_behind(self, person: PersonId, *, at: datetime) -> None:
        """Remember that an adoption left this identity behind."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining works with; every port joins one transaction.

    `is_both_hands` where only invented families are. `propose_again` lets the permissions about
    some persons that came on record since a moment wait for a second hand, by whoever parted them.
    `are_one` says whether two actors are one human being.
    """

    joins: Joins
    decisions: Decisions
    outbox: Outbox
    ledger: Ledger
    clock: Clock
    propose_again: Callable[[Collection[PersonId], datetime, str], None]
    is_both_hands: bool = False
    are_one: Callable[[str, str], bool] = operator.eq


ACTOR = "job:linking"


class ReviewState(LabelledCode):
    """What became of two persons about whom somebody is asked."""

    WAITING = "waiting", "Waiting for somebody to look"
    ASKED_SOURCE = "asked-source", "A source was asked"
    CLAIMED = "claimed", "Said to be one person, waiting for another data steward"
    PARTING = "parting", "Said to be two people, waiting for another data steward"
    JOINED = "joined", "Said to be the same person"
    APART = "apart", "Said to be different people"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self in {ReviewState.WAITING, ReviewState.ASKED_SOURCE}

    @property
    def waits_for_another(self) -> bool:
        """Whether somebody has answered, and another has to say so too."""
        return self in {ReviewState.CLAIMED, ReviewState.PARTING}


@dataclass(frozen=True, slots=True)
class Review:
    """Two persons who may be one: ids, a score and what was answered, nothing personal."""

    id: str
    one: PersonId
    other: PersonId
    bits: float
    weights: str
    state: ReviewState
    opened_at: datetime
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


class Facts(Protocol):
    """What sources say about who somebody is, opened for whoever may compare."""

    def claims(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[IdentityClaim]]:
        """What is known of each, the oldest first; nothing of who was erased."""

    def found_by(self, claims: Sequence[IdentityClaim]) -> Sequence[PersonId]:
        """Persons who share what these are looked for by, those who share most first.

        Those whom the claims are about may be among them.
        """

    def holders_of_replaced(self, persons: Collection[PersonId]) -> Sequence[PersonId]:
        """Others who have an NHS number that was replaced by one of theirs, as a source says."""

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know of whom no number was replaced, so that nobody asks about each of them."""

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Delete what this source said of the persons."""


class Reviews(Protocol):
    """The pairs that somebody is, or was, asked about, and who is to be compared next."""

    def add(self, persons: Collection[PersonId], *, at: datetime) -> None:
        """Let these be compared."""

    def find(self, review: str) -> Review | None:
        """One review."""

    def listed(self, states: Collection[ReviewState]) -> Sequence[Review]:
        """The reviews in one of these states, those that are likeliest one person first."""

    def of(self, person: PersonId) -> Sequence[Review]:
        """Every review that names the person, open or answered."""

    def look_ahead(self, persons: Collection[PersonId]) -> None:
        """Know which of these no review names, so that nobody asks about each of them."""

    def save(self, review: Review) -> None:
        """Write a review or what became of it."""

    def delete(self, review: Review) -> None:
        """Forget a review that is pointless now."""


Members = Callable[[Collection[PersonId]], Mapping[PersonId, tuple[PersonId, ...]]]
"""For each person all who are one with them, the one known outside first."""


class OnRecordOf(Protocol):
    """What of `consent.ports.Decisions` it takes to know whose facts may be compared."""

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them."""


@dataclass(frozen=True, slots=True)
class Considering:
    """What persons are compared with, all in one transaction.

    `restrictions_at` gives every restriction, in force or not, of who may live where facts tell.
    `said_to_be` goes by one hand's word too: nobody is asked about those again. What may be used
    of somebody goes by who is one with them, in `members`.
    """

    facts: Facts
    reviews: Reviews
    members: Members
    said_to_be: Members
    joining: Joining
    restrictions_at: Callable[[LinkFacts], Collection[Restriction]]
    decisions: OnRecordOf
    ledger: Ledger
    clock: Clock
    weights: Weights


# Which of a person's facts may be compared with whose: what decisions leave of them.


@dataclass(frozen=True, slots=True)
class Usable:
    """What one cluster's decisions say about sharing identities.

    `is_unrecorded` means that nothing is on record: such facts are here only to be compared with
    somebody whose decisions permit their source.
    """

    permitted: frozenset[Source]
    is_unrecorded: bool

    def of(self, claims: Sequence[IdentityClaim], beside: "Usable") -> Sequence[IdentityClaim]:
        """Those that may be compared with claims about the other."""
        sources = beside.permitted if self.is_unrecorded else self.permitted
        return [claim for claim in claims if claim.source in sources]


def usable(
    persons: Collection[PersonId], members: Members, decisions: OnRecordOf, at: datetime
) -> dict[PersonId, Usable]:
    """For each person what may be used of them, whoever else they are one with."""
    clusters = members(persons)
    everyone = {member for cluster in clusters.values() for member in cluster}
    on_record = decisions.on_record(everyone)
    found = {}
    for person, cluster in clusters.items():
        recorded = together(on_record[member] for member in cluster)
        answers = Answers({member: on_record[member] for member in cluster})
        found[person] = Usable(
            permitted=frozenset(s for s in Source if _is_permitted(cluster, s, answers, at)),
            is_unrecorded=not recorded.decisions and not recorded.restrictions,
        )
    return found


def _is_permitted(
    members: Sequence[PersonId], source: Source, answers: Answers, at: datetime
) -> bool:
    asked = (
        AccessRequest((member,), Category.IDENTITY_AND_CONTACT, source, SharedProfile(), at)
        for member in members
    )
    return all(answers.to(request).is_permitted for request in asked)
