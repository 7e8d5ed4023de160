"""A disclosure decided once more, by what was known at its moment, and held beside what was shown.

Which records were held then is not kept, so it is asked of each part: what was shown must have been
permitted of some source about somebody, by the same agreement and from no other decisions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from uuid import UUID

from sqlalchemy import Connection, text

from consent import AccessRequest, Decision, Practitioner
from consent.deciding.decide import Answers
from consent.deciding.record import POLICY_VERSION
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.events import PROFILE_READS
from consent.model import LegitimateRelationship
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.work import UnitOfWork
from services.work.postgres_past import CannotBeToldError, Past

Part = tuple[PersonId, Category, Source]
"""Records of one category and source about one person."""

_PRACTITIONER = "practitioner:"
_NEAR = text("""
    SELECT body FROM ledger_entry WHERE entry_id BETWEEN :first AND :last ORDER BY entry_id
""")
_RANDOM_BITS = 80


class ReplayDifference(LabelledCode):
    """What of a disclosure is not as it would have been decided."""

    NOT_KNOWN = "practitioner-not-known", "Nobody worked here by that id then."
    POLICY = "policy-version", "Another agreement was in force then."
    SHOWN = "shown-and-not-permitted", "Something was shown that was not permitted then."
    DECIDED_FROM = "decided-from-others", "It names decisions that permitted nothing then."


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What the ledger tells of one: who was shown what, about whom, to what end, and when."""

    disclosure: str
    practitioner: PractitionerId
    subjects: tuple[PersonId, ...]
    purpose: Purpose
    categories: frozenset[Category]
    withheld: frozenset[Category]
    policy_version: str
    decided_from: frozenset[DecisionId]
    at: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """What would have been answered then, part by part, and how that differs from what was shown.

    No parts where nobody was known who could have asked. `held` are their relationships then.
    """

    disclosed: Disclosed
    answers: Mapping[Part, Decision]
    differences: tuple[ReplayDifference, ...]
    held: tuple[LegitimateRelationship, ...] = ()


def disclosed_from(entry: LedgerEntry) -> Disclosed:
    """What the entry of a reading tells."""
    told = entry.fields
    return Disclosed(
        disclosure=str(told["disclosure"]),
        practitioner=PractitionerId(entry.actor.removeprefix(_PRACTITIONER)),
        subjects=tuple(PersonId(person) for person in _all(told["subjects"])),
        purpose=Purpose(str(told["purpose"])),
        categories=frozenset(map(Category, _all(told["categories"]))),
        withheld=frozenset(map(Category, _all(told["withheld_categories"]))),
        policy_version=str(told["policy_version"]),
        decided_from=frozenset(map(DecisionId, _all(told["decided_from"]))),
        at=entry.at,
    )


def find_disclosure(disclosure: str, connection: Connection) -> Disclosed | None:
    """What the ledger tells of the disclosure of this id."""
    entry = entry_of_disclosure(disclosure, connection)
    return None if entry is None else disclosed_from(entry)


def entry_of_disclosure(disclosure: str, connection: Connection) -> LedgerEntry | None:
    """The entry of the disclosure of this id.

    It has an id of the same millisecond (RFC 9562 section 5.7).
    """
    try:
        number = UUID(disclosure)
    except ValueError:
        return None
    first, last = (UUID(int=(number.int >> _RANDOM_BITS) + more << _RANDOM_BITS) for more in (0, 1))
    for body in connection.execute(_NEAR, {"first": first, "last": last}).scalars():
        entry = read_entry(bytes(body))
        is_read = entry.event in PROFILE_READS
        if is_read and entry.fields["disclosure"] == disclosure:
            return entry
    return None


def replay(disclosed: Disclosed, past: Past) -> Replayed:
    """Decide it once more. Raises CannotBeToldError where what was known then is not kept."""
    return replay_in(disclosed, past.at(disclosed.at))


def replay_in(disclosed: Disclosed, then: UnitOfWork) -> Replayed:
    """The same, with every port as it was then.

    Other rules than today's are not kept either: CannotBeToldError.
    """
    if not disclosed.policy_version.startswith(f"{POLICY_VERSION}+"):
        raise CannotBeToldError(["rules"])
    practitioner = _practitioner(disclosed, then)
    if practitioner is None:
        return Replayed(disclosed, {}, (ReplayDifference.NOT_KNOWN,))
    answers = Answers(then.decisions.on_record(disclosed.subjects))
    parts = {
        part: answers.to(_request(part, practitioner, disclosed))
        for part in product(disclosed.subjects, Category, Source)
    }
    policy_version = then.decisions.policy_version(disclosed.at)
    differences = tuple(_differences(disclosed, parts, policy_version))
    return Replayed(disclosed, parts, differences, practitioner.relationships)


def _practitioner(disclosed: Disclosed, then: UnitOfWork) -> Practitioner | None:
    """Who asked, as they stood to these persons then."""
    who = then.directory.practitioner(disclosed.practitioner)
    if who is None:
        return None
    held = then.relationships.relationships(who.id, disclosed.subjects)
    return Practitioner(who.id, who.role, who.agency_kind, tuple(held))


def _request(part: Part, practitioner: Practitioner, disclosed: Disclosed) -> AccessRequest:
    person, category, source = part
    return AccessRequest((person,), category, source, practitioner, disclosed.at, disclosed.purpose)


def _differences(
    disclosed: Disclosed, parts: Mapping[Part, Decision], policy_version: str
) -> list[ReplayDifference]:
    permitted = {part: answer for part, answer in parts.items() if answer.is_permitted}
    shown = {category for _, category, _ in permitted}
    followed = {decision for answer in permitted.values() for decision in answer.decided_from}
    differs = {
        ReplayDifference.POLICY: policy_version != disclosed.policy_version,
        ReplayDifference.SHOWN: not disclosed.categories <= shown,
        ReplayDifference.DECIDED_FROM: not disclosed.decided_from <= followed,
    }
    return [difference for difference, is_so in differs.items() if is_so]


def _all(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else []
