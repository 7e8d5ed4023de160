"""What practitioners write beside the story: help wanted, next steps, and that they are involved.

Each is one record of one child by one author, under a key of its own: whoever says it again, or
what became of it, makes a later version; what was entered in error is removed, as any source takes
back what it said. A form that is sent twice makes the same event, which counts once, and the same
entry in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import orjson

from connectors.publishing.ports import Hasher, Publishing
from connectors.publishing.written import KEY_DIGITS, instant, later_than, queue, why_not
from consent import Reason
from consent.ledger import LedgerEntry, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.message import Version
from schemas.records.payloads import FactStatus, HelpWanted, Involvement, NextStep
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Label, Source

SupportSaid = HelpWanted | NextStep | Involvement
_LOCATION = frozenset({Label.LOCATION})


class SupportKind(StrEnum):
    """What sort of thing was written, as the ledger names it."""

    HELP = "help-wanted"
    STEP = "next-step"
    INVOLVEMENT = "involvement"


# Under which key each lies.


def key_of_help(person: PersonId, author: PractitionerId, once: str, hasher: Hasher) -> RecordKey:
    """That of what is wanted; `once` is of the form that was first sent."""
    return _key(hasher, SupportKind.HELP, person, author, once)


def key_of_step(person: PersonId, author: PractitionerId, once: str, hasher: Hasher) -> RecordKey:
    """That of a next step, likewise."""
    return _key(hasher, SupportKind.STEP, person, author, once)


def key_of_involvement(person: PersonId, author: PractitionerId, hasher: Hasher) -> RecordKey:
    """That of a practitioner's being involved: one of each with each child, whenever it is said."""
    return _key(hasher, SupportKind.INVOLVEMENT, person, author)


def _key(hasher: Hasher, kind: SupportKind, *parts: str) -> RecordKey:
    return RecordKey(hasher.opaque(kind, *parts)[:KEY_DIGITS])


@dataclass(frozen=True, slots=True, repr=False)
class SaySupport:
    """Order: say this of a child. `actor` is who says it, as the ledger names them.

    `before` is what stands of it in the shared profile, if anything does; `once` is of the form
    that was sent. `category` is that of a next step's plan.
    """

    key: RecordKey
    person: PersonId
    said: SupportSaid
    before: PublishedRecord | None
    once: str
    actor: str
    category: Category = Category.EARLY_HELP


@dataclass(frozen=True, slots=True, repr=False)
class TakeBackSupport:
    """Order: it was entered in error, so nothing of it is to stand."""

    before: PublishedRecord
    once: str
    actor: str


def say_support(command: SaySupport, *, publishing: Publishing) -> tuple[Reason, ...]:
    """Publish it if the family's decisions permit it; else the reasons why not.

    What stands already in these words is not said again.
    """
    before = command.before
    if before is not None and before.payload == command.said:
        return ()
    now = publishing.clock.now()
    record = _record(command, now)
    refused = why_not([record], publishing)
    if refused:
        return refused
    marks = (command.once, before.version if before else "", _digest(command.said, publishing))
    queue([(record, marks)], publishing, at=now)
    publishing.ledger.append([_entry(record, command.said.status, command.actor, marks, now)])
    return ()


def take_back_support(command: TakeBackSupport, *, publishing: Publishing) -> None:
    """Publish that it is gone. Nothing has to permit that."""
    before, now = command.before, publishing.clock.now()
    version = later_than(before.version, now)
    record = replace(before, action=Action.REMOVE, payload=None, version=version)
    marks = (command.once, before.version)
    queue([(record, marks)], publishing, at=now)
    gone = _entry(before, FactStatus.IN_ERROR, command.actor, marks, now)
    publishing.ledger.append([gone])


def kind_of(said: object) -> SupportKind | None:
    """What sort of thing a payload is; None of what is written nowhere here."""
    match said:
        case HelpWanted():
            return SupportKind.HELP
        case NextStep():
            return SupportKind.STEP
        case Involvement():
            return SupportKind.INVOLVEMENT
        case _:
            return None


def _record(command: SaySupport, now: datetime) -> PublishedRecord:
    before, said = command.before, command.said
    version = later_than(before.version, now) if before else Version(instant(now)).sort_key
    is_involvement = isinstance(said, Involvement)
    return PublishedRecord(
        key=command.key,
        source=Source.FAMILY_HUB,
        category=Category.PRACTITIONERS if is_involvement else command.category,
        persons=before.persons if before else (command.person,),
        version=version,
        payload=said,
        labels=_labels(said),
    )


def _labels(said: SupportSaid) -> frozenset[Label]:
    """Who helps somebody, and works with them, tells where they are seen, as of other sources."""
    names_nobody = isinstance(said, HelpWanted) and not said.helper
    return frozenset() if names_nobody else _LOCATION


def _digest(said: SupportSaid, publishing: Publishing) -> str:
    """The words alone: a form that is sent twice says the same a moment later."""
    told = said
    if isinstance(told, HelpWanted | NextStep):
        told = replace(told, written=replace(told.written, at=""))
    return publishing.hasher.opaque("support-said", orjson.dumps(told).decode())


def _entry(
    record: PublishedRecord, status: FactStatus, actor: str, marks: tuple[str, ...], at: datetime
) -> LedgerEntry:
    """Which sort of thing was said of whom, and how it stands: codes and ids, no word of it."""
    return ledger_entry(
        LedgerEvent.SUPPORT_WRITTEN,
        {
            "record": record.key,
            "subjects": record.persons,
            "kind": kind_of(record.payload) or SupportKind.HELP,
            "status": status,
        },
        at=at,
        actor=actor,
        entry_id=entry_id_for("support", record.key, *marks),
    )
