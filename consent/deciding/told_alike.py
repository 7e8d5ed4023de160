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
from consent.model import Mode, Recipient
from consent.question import FULL, AccessRequest, Decision, OnRecord, Practitioner, viewer_of
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Purpose, Source


class _KindOfRecord(NamedTuple):
    """Records that nothing tells apart: who may receive them, and one source that they are of."""

    receivers: frozenset[str]
    purpose: Purpose
    source: Source


class _ToldApart(NamedTuple):
    """The kinds of record of one category; by whom decisions about it name a recipient.

    `said` are the sayings about it by identity, which last as long as what is on record is
    compiled: two categories of which the very same was said are answered alike.
    """

    kinds: Sequence[_KindOfRecord]
    said: tuple[int, ...]
    names: frozenset[Recipient]
    sources: frozenset[Source]


class AnswersToldAlike:
    """The answers about one person for these sources and purposes, each that differs once."""

    def __init__(
        self,
        person: PersonId,
        on_record: OnRecord,
        sources: Collection[Source],
        purposes: Collection[Purpose],
    ) -> None:
        self._person = person
        self._known = CompiledRecord(on_record)
        self._sources, self._purposes = tuple(sources), tuple(purposes)
        self._kinds: dict[tuple[Category, Mode, datetime], _ToldApart] = {}
        self._given: dict[tuple[object, ...], Decision] = {}

    def to(self, asked: AccessRequest) -> Sequence[Decision]:
        """What `decide` answers to this of any of the sources for any of the purposes.

        `asked` is a practitioner's question about this person alone, whose own source and purpose
        do not matter. Raises ValueError for any other.
        """
        worker = asked.recipient
        is_plain = asked.subjects == (self._person,) and not asked.labels and not asked.kept_to
        if not is_plain or not isinstance(worker, Practitioner) or asked.at.utcoffset() is None:
            raise ValueError("such a question may differ in more than source and purpose")
        found = self._kinds_of(asked)
        reach = viewer_of(worker, Purpose.DIRECT_CARE, asked).reach
        # Relationships that reach everything make no difference between categories.
        category = None if reach == FULL else asked.category
        same = (category, found.said, worker.id, worker.role, reach, worker.names & found.names)
        answers: dict[tuple[object, ...], Decision] = {}
        for kind in found.kinds:
            is_agreed = worker.agency in kind.receivers
            source = kind.source if kind.source in found.sources else None
            like = (*same, asked.mode, asked.at, is_agreed, kind.purpose, source)
            if like not in self._given:
                one = replace(asked, source=kind.source, purpose=kind.purpose)
                self._given[like] = decide(one, self._known)
            answers[like] = self._given[like]
        return list(answers.values())

    def _kinds_of(self, asked: AccessRequest) -> _ToldApart:
        key = asked.category, asked.mode, asked.at
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = self._told_apart(asked)
        return found

    def _told_apart(self, asked: AccessRequest) -> _ToldApart:
        moment = self._known.at(asked.at)
        sayings = moment.standing(self._person, asked.category).sayings
        sources = frozenset[Source]().union(*(one.decision.sources for one in sayings))
        names = frozenset[Recipient]().union(*(one.decision.recipients for one in sayings))
        kinds: dict[tuple[object, ...], _KindOfRecord] = {}
        for source in self._sources:
            of_it = replace(asked, source=source)
            told_apart = source if source in sources else None
            for purpose in self._purposes:
                receivers = moment.receivers(of_it, purpose)
                kinds.setdefault(
                    (receivers, purpose, told_apart), _KindOfRecord(receivers, purpose, source)
                )
        return _ToldApart(list(kinds.values()), tuple(map(id, sayings)), names, sources)
