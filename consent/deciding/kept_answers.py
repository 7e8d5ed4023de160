"""Answers of `decide`, kept from one reading to the next under the very facts they follow from.

A family is read with the same decisions on record most of the time. Those are read anew by every
reading, in its own transaction; only where each is the very one that was there before, for the same
practitioner with the same relationships, and where nothing has begun or ended since, is an answer
given again instead of being worked out. Nothing of what sources say about anybody is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from consent import AccessRequest, Decision, OnRecord, Practitioner
from consent.deciding.changing import changes_of, latest_change
from consent.deciding.decide import Answers
from consent.model import Mode
from schemas.identifiers import PersonId
from schemas.records.published import KeptTo
from schemas.vocabulary import Category, Label, Purpose, Source

_FAMILIES = 1_000
_READERS = 2_000

Asked = tuple[
    tuple[PersonId, ...], Category, Source, frozenset[Label], frozenset[KeptTo], Mode, Purpose
]
"""What of a question differs from one record to another, and for what it is asked."""


class KeptAnswers:
    """What `decide` answers one practitioner, from one moment until anything begins or ends."""

    __slots__ = ("_answers", "_given", "_practitioner", "moment", "sources_left_out")

    def __init__(self, answers: Answers, practitioner: Practitioner, moment: datetime) -> None:
        """Keep nothing yet; `sources_left_out` is for who works it out from these answers."""
        self._answers = answers
        self._practitioner = practitioner
        self.moment = moment
        self._given: dict[Asked, Decision] = {}
        self.sources_left_out: frozenset[Source] | None = None

    def to(self, asked: Asked) -> Decision:
        """The answer of `decide`."""
        return self._given.get(asked) or self._ask(asked)

    @property
    def policy_version(self) -> str:
        """The rules and the agreement by which they are given."""
        return self._answers.policy_version(self.moment)

    def _ask(self, asked: Asked) -> Decision:
        subjects, category, source, labels, kept_to, mode, purpose = asked
        request = AccessRequest(
            subjects,
            category,
            source,
            self._practitioner,
            self.moment,
            purpose,
            labels,
            mode,
            kept_to,
        )
        decision = self._given[asked] = self._answers.worked_out(request)
        return decision


def kept_answers(
    on_record: Mapping[PersonId, OnRecord], practitioner: Practitioner, at: datetime
) -> KeptAnswers:
    """Those that follow from just this, at that time; none of them given yet, if need be."""
    known = _known(_OnRecord(on_record))
    moment = latest_change(known.changes, practitioner.relationships, at)
    return _answers_to(known, practitioner, moment)


class _OnRecord:
    """What is on record about some persons, equal to what is the very same.

    Decisions and agreements are told apart by which objects they are: what is read of the same
    bytes is the same object. While this is kept they are, so that none is taken for another.
    """

    __slots__ = ("_hash", "_told", "of")

    def __init__(self, of: Mapping[PersonId, OnRecord]) -> None:
        self.of = of
        self._told = tuple([_told(person, found) for person, found in of.items()])
        self._hash = hash(self._told)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _OnRecord) and self._told == other._told


def _told(person: PersonId, found: OnRecord) -> tuple[object, ...]:
    return (
        person,
        tuple(map(id, found.decisions)),
        found.restrictions,
        found.exclusions,
        tuple([(id(one.agreement), one.adopted_at) for one in found.agreements]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _MadeReady:
    """What is on record about some persons, made ready; only ever equal to itself."""

    answers: Answers
    changes: tuple[datetime, ...] = field(repr=False)


@lru_cache(maxsize=_FAMILIES)
def _known(found: _OnRecord) -> _MadeReady:
    return _MadeReady(Answers(found.of), tuple(changes_of(found.of.values())))


@lru_cache(maxsize=_READERS)
def _answers_to(known: _MadeReady, practitioner: Practitioner, moment: datetime) -> KeptAnswers:
    return KeptAnswers(known.answers, practitioner, moment)
