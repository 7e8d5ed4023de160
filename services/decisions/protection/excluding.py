"""Exclusions: a family names a worker who must not see it, and from then on they see nothing.

Anybody who may record a refusal writes one down, as the family says it: at once, silently, with
one answer whether the name is somebody's who works here or nobody's. It is unconfirmed until
somebody else who works with the family has asked it, and never lapses. Governance is told each
time, so that the lead gives the family to somebody else, without a reason. Every try that is
refused is entered. Ending one takes two hands (`ending.py`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from consent.decisions.judging import MOST_UNCONFIRMED_A_DAY
from consent.decisions.keeping import Deciding, Taken, news_of
from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, entry_id_for, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role, Source
from services.decisions.askers import Askers
from services.decisions.protection.hands import Hand, is_another_hand, works_with
from services.people.governance.orders import Orders, ask
from services.people.governance.queue import ItemKind, Queue, raise_item
from services.people.practitioners.people import (
    SignedInPractitioner,
    is_one_name,
)
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.people.protecting.postgres import PostgresProtection, RecordedExclusion
from services.people.relationships.postgres import PostgresRelationships

MANY = "exclusion-many"
LONGEST_NAME = 200
_A_DAY = timedelta(days=1)
BOTH_HANDS = "job:demonstration"


class ExclusionRefused(StrEnum):
    """Why nothing was done."""

    NOT_THERE = "is-not-there"
    """Or not for who asks to know of."""
    NOT_THEIRS = "works-with-them-not"
    NOT_ANOTHER = "is-the-same-person"
    GAINS = "gains-by-it"
    SAME_AGENCY = "takes-another-agency"
    NOT_ASKED = "the-family-was-not-asked"
    CONFIRMED = "is-confirmed"
    HAS_CHANGED = "has-changed-meanwhile"


@dataclass(frozen=True, slots=True, repr=False)
class NameExcluded:
    """Order: these persons' family says that the worker of this name must not see them.

    `works_in` is the kind of agency, where the family knows it.
    """

    persons: tuple[PersonId, ...]
    name: str
    works_in: Source | None = None


@dataclass(frozen=True, slots=True)
class Excluding:
    """What exclusions are recorded and ended with; every port joins one transaction.

    `seal` encrypts what was typed under the person's key, and `unseal` gives it back.
    """

    deciding: Deciding
    relationships: PostgresRelationships
    askers: Askers
    protection: PostgresProtection
    directory: PostgresDirectory
    orders: Orders
    queue: Queue
    seal: Callable[[PersonId, bytes], bytes]
    unseal: Callable[[PersonId, bytes], bytes]
    is_demonstration: bool = False

    @property
    def at(self) -> datetime:
        """The one moment of it."""
        return self.deciding.clock.now()

    @property
    def ledger(self) -> Ledger:
        """Where everything is entered."""
        return self.deciding.ledger


def require_name(name: str) -> None:
    """Raise DecisionInvalidError where what was typed is no name, before anything is looked up."""
    if not name.strip():
        raise DecisionInvalidError("worker", "is-empty")
    if len(name) > LONGEST_NAME:
        raise DecisionInvalidError("worker", "is-too-long")


def record(command: NameExcluded, hand: Hand, *, excluding: Excluding) -> Taken:
    """Write down what the family says, from now on; the answer never tells what became of it.

    The fourth name in a day about which nobody has asked the family waits for a colleague.
    """
    require_name(command.name)
    known = [p for p in dict.fromkeys(command.persons) if excluding.deciding.persons.exists(p)]
    named: Sequence[PractitionerId | None] = _called(command, excluding)
    if not known:
        refuse("record", ExclusionRefused.NOT_THERE, hand, excluding)
        return Taken()
    asker = excluding.askers.asker(hand.who, known)
    confirmed_by = hand.actor if asker.is_confirmed else None
    if excluding.is_demonstration:
        confirmed_by = BOTH_HANDS
    claim = str(new_entry_id(excluding.at))
    made = [
        _recorded(person, one, command, claim, hand, confirmed_by, excluding)
        for person in known
        for one in (named or [None])
    ]
    if confirmed_by is None and _is_one_too_many(hand, excluding):
        ask(
            MANY,
            {"exclusions": [_document(one) for one in made], "asked_for": hand.who.id},
            by=hand.actor,
            orders=excluding.orders,
            ledger=excluding.ledger,
            at=excluding.at,
        )
    else:
        write(made, LedgerEvent.EXCLUSION_RECORDED, hand.actor, excluding)
    _tell_governance(claim, known[0], hand, excluding)
    return Taken()


def confirm(
    exclusion: str, hand: Hand, *, excluding: Excluding
) -> RecordedExclusion | ExclusionRefused:
    """Say that the family was asked and means it: by another of its own workers."""
    found = excluding.protection.exclusion(exclusion)
    why = _why_not_confirmed(found, hand, excluding)
    if found is None or why is not None:
        return refuse("confirm", why or ExclusionRefused.NOT_THERE, hand, excluding, found)
    confirmed = replace(found, confirmed_by=hand.actor, state=found.state + 1)
    write([confirmed], LedgerEvent.EXCLUSION_CONFIRMED, hand.actor, excluding)
    return confirmed


def exclusions_told(
    persons: Collection[PersonId], hand: Hand, *, excluding: Excluding
) -> Sequence[RecordedExclusion]:
    """Those that have not ended, of these persons or of all; entered.

    Information governance is told of each; whoever works with a person of theirs, but nobody that
    it is about them.
    """
    found = [
        one
        for one in excluding.protection.exclusions_standing()
        if (not persons or one.person in persons) and _may_know(one, hand.who, excluding)
    ]
    told: dict[str, FieldValue] = {"subject": sorted(persons), "exclusions": len(found)}
    listed = LedgerEvent.EXCLUSIONS_LISTED
    excluding.ledger.append([ledger_entry(listed, told, at=excluding.at, actor=hand.actor)])
    return found


def name_typed(exclusion: RecordedExclusion, *, excluding: Excluding) -> str:
    """What the family called the worker, for who is told of the exclusion."""
    return excluding.unseal(exclusion.person, exclusion.named).decode()


# Who may.


def _may_know(one: RecordedExclusion, who: SignedInPractitioner, excluding: Excluding) -> bool:
    """Governance, and whoever works with the person; never who is named, by any account."""
    if is_named(one, who, excluding):
        return False
    return who.role is Role.INFORMATION_GOVERNANCE or works_with(
        who, one.person, excluding.relationships
    )


def is_named(one: RecordedExclusion, who: SignedInPractitioner, excluding: Excluding) -> bool:
    """Whether it is this human being whom the family named."""
    if one.practitioner is None:
        return False
    if one.practitioner == who.id or one.practitioner in who.also:
        return True
    named = excluding.directory.name_of(one.practitioner)  # wherever that account works, or not
    return named is not None and is_one_name(named, who.name)


def known_to(
    exclusion: str, who: SignedInPractitioner, excluding: Excluding
) -> RecordedExclusion | None:
    """One that has not ended, of which they may know."""
    found = excluding.protection.exclusion(exclusion)
    if found is None or found.until is not None or not _may_know(found, who, excluding):
        return None
    return found


def _why_not_confirmed(
    found: RecordedExclusion | None, hand: Hand, excluding: Excluding
) -> ExclusionRefused | None:
    if found is None or found.until is not None or not _may_know(found, hand.who, excluding):
        return ExclusionRefused.NOT_THERE
    if not works_with(hand.who, found.person, excluding.relationships):
        return ExclusionRefused.NOT_THEIRS
    if found.confirmed_by is not None:
        return ExclusionRefused.CONFIRMED
    return (
        None
        if is_another_hand(found.asked_by, hand, excluding.directory)
        else ExclusionRefused.NOT_ANOTHER
    )


def _is_one_too_many(hand: Hand, excluding: Excluding) -> bool:
    since = excluding.at - _A_DAY
    known = excluding.protection.unconfirmed_by(hand.actor, since=since)
    return known >= MOST_UNCONFIRMED_A_DAY


# What is written.


def _called(command: NameExcluded, excluding: Excluding) -> Sequence[PractitionerId]:
    """Everybody of that name: who has two accounts is named by each of them.

    Also who is suspended: let in again they would see the family.
    """
    return excluding.directory.named(command.name, command.works_in)


def _recorded(  # noqa: PLR0917 a row's worth
    person: PersonId,
    practitioner: PractitionerId | None,
    command: NameExcluded,
    claim: str,
    hand: Hand,
    confirmed_by: str | None,
    excluding: Excluding,
) -> RecordedExclusion:
    named = excluding.seal(person, command.name.strip().encode())
    whom = practitioner or "nobody"
    return RecordedExclusion(
        id=str(entry_id_for("exclusion", claim, person, whom)),
        person=person,
        practitioner=practitioner,
        since=excluding.at,
        named=named,
        claim=claim,
        asked_by=hand.actor,
        confirmed_by=confirmed_by,
    )


def write(
    made: Sequence[RecordedExclusion], event: LedgerEvent, actor: str, excluding: Excluding
) -> None:
    """Write exclusions as they stand from now, tell whoever stores, and enter each."""
    excluding.protection.write_exclusions(made, actor=actor)
    at = excluding.at
    excluding.deciding.outbox.add([news_of(one.person, one.id, at) for one in made])
    excluding.ledger.append(
        [
            ledger_entry(event, {"exclusion": one.id, "subject": one.person}, at=at, actor=actor)
            for one in made
        ]
    )


def _tell_governance(claim: str, person: PersonId, hand: Hand, excluding: Excluding) -> None:
    raise_item(
        ItemKind.EXCLUSION,
        claim,
        by=hand.actor,
        queue=excluding.queue,
        ledger=excluding.ledger,
        at=excluding.at,
        person=person,
    )


def _document(one: RecordedExclusion) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "person": one.person,
        "practitioner": one.practitioner,
        "since": one.since.isoformat(),
        "named": one.named.hex(),
        "claim": one.claim,
        "asked_by": one.asked_by,
    }


def from_document(told: Mapping[str, Any]) -> RecordedExclusion:
    """One that waits in an order for a colleague."""
    practitioner = told["practitioner"]
    return RecordedExclusion(
        id=told["id"],
        person=PersonId(told["person"]),
        practitioner=None if practitioner is None else PractitionerId(practitioner),
        since=datetime.fromisoformat(told["since"]),
        named=bytes.fromhex(told["named"]),
        claim=told["claim"],
        asked_by=told["asked_by"],
    )


def refuse(
    act: str,
    because: ExclusionRefused,
    hand: Hand,
    excluding: Excluding,
    found: RecordedExclusion | None = None,
) -> ExclusionRefused:
    """Enter that nothing was done, and why; gives that back."""
    fields: dict[str, FieldValue] = {
        "exclusion": [] if found is None else [found.id],
        "subject": [] if found is None else [found.person],
        "act": act,
        "because": because.value,
    }
    told = LedgerEvent.EXCLUSION_ACT_REFUSED
    excluding.ledger.append([ledger_entry(told, fields, at=excluding.at, actor=hand.actor)])
    return because
