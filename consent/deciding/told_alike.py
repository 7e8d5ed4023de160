"""Answers to one worker about many kinds of record: what nothing tells apart is asked once.

Who can see what of somebody is hundreds of questions, of which all but a few are the same: about
categories of which the same was said, sources that no decision names, purposes that the agreement
treats alike. `decide` is asked once of each that differs in anything by which it answers, and says
yes or no to all of those at once; nothing here does, and nothing outlives the transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from consent.deciding.decide import decide
from consent.deciding.record import CompiledRecord
from consent.deciding.standing import Saying
from consent.model import Mode, Recipient
from consent.question import FULL, AccessRequest, Decision, OnRecord, Practitioner, viewer_of
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose, Source


class _Asked(NamedTuple):
    """What an answer depends on beside source and purpose.

    `category` is None where the worker's relationships reach every category alike; `said` are the
    sayings about it by identity, which last as long as what is on record is compiled.
    """

    subject: PersonId
    category: Category | None
    said: tuple[int, ...]
    worker: str | None
    role: str
    names: frozenset[Recipient]
    mode: Mode
    at: datetime


class AnswersToldAlike:
    """The answers about one person, from what is on record compiled once."""

    def __init__(self, person: PersonId, on_record: OnRecord) -> None:
        self._person = person
        self._known = CompiledRecord(on_record)
        self._given: dict[_Asked, dict[tuple[bool, Purpose, Source | None], Decision]] = {}

    def to_each(
        self, asked: AccessRequest, sources: Collection[Source], purposes: Collection[Purpose]
    ) -> Sequence[Decision]:
        """The answers of `decide` for each of these sources and, of that, of these purposes.

        `asked` is a practitioner's question about this person alone, whose own source and purpose
        do not matter. Raises ValueError for any other.
        """
        worker = asked.recipient
        is_plain = asked.subjects == (self._person,) and not asked.labels and not asked.kept_to
        if not is_plain or not isinstance(worker, Practitioner) or asked.at.utcoffset() is None:
            raise ValueError("such a question may differ in more than source and purpose")
        moment = self._known.at(asked.at)
        sayings = moment.standing(self._person, asked.category).sayings
        given = self._given.setdefault(self._like(asked, worker, sayings), {})
        named = frozenset[Source]().union(*(one.decision.sources for one in sayings))
        answers: list[Decision] = []
        for source in sources:
            one = replace(asked, source=source)
            told_apart = source if source in named else None
            for purpose in purposes:
                is_agreed = worker.agency in moment.receivers(one, purpose)
                like = (is_agreed, purpose, told_apart)
                answer = given.get(like)
                if answer is None:
                    answer = given[like] = decide(replace(one, purpose=purpose), self._known)
                answers.append(answer)
        return answers

    def _like(
        self, asked: AccessRequest, worker: Practitioner, sayings: Sequence[Saying]
    ) -> _Asked:
        viewer = viewer_of(worker, Purpose.DIRECT_CARE, asked)
        named = frozenset[Recipient]().union(*(one.decision.recipients for one in sayings))
        category = None if viewer.reach == FULL else asked.category
        said = tuple(map(id, sayings))
        about = (self._person, category, said, viewer.id, worker.role)
        return _Asked(*about, viewer.names & named, asked.mode, asked.at)
