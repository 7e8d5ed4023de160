"""What feeds tell of their agencies' own cases, taken at intake; relationships follow from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from connectors.publishing.ports import Feed, ToldCase
from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, RecordKey
from schemas.records.message import Subject, Version
from schemas.records.payloads import DUAL_SCHOOL, GENERAL_PRACTICE, Involvement
from schemas.records.published import ALL_RECORDS, PublishedRecord
from schemas.vocabulary import Action, Category, IdentifierScheme, Source
from services.people.own_cases.deriving import claim_of, is_standing, relationships_of
from services.people.own_cases.model import (
    AgencyCase,
    CaseFacts,
    CaseId,
    ClaimedCase,
    ToldClearing,
    ToldInvolvement,
    instant_of,
)
from services.people.own_cases.postgres_deaths import PostgresOwnDeaths
from services.people.own_cases.postgres_labels import PostgresLabels
from services.people.own_cases.postgres_told import PostgresTold
from services.people.persons.postgres import PostgresPersonIndex
from services.people.relationships.model import HeldRelationship, WarrantKind
from services.people.relationships.postgres import PostgresRelationships
from services.platform.keys.hashing import KeyedHasher, tokens_of

_OF_ITS_KIND: Mapping[Source, Category] = {
    Source.HEALTH_VISITING: Category.PRACTITIONERS,
    Source.SCHOOLS: Category.EDUCATION,
    Source.SOCIAL_CARE: Category.SOCIAL_CARE,
}
"""In which category a source tells of work of its own kind; of other kinds it only mentions it."""
_HAS_BUT_ONE = frozenset({Source.SCHOOLS})
"""Of which kind somebody has one at a time: teams and authorities share whom they work with."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OwnCasesTaken:
    """connectors.publishing.ports.OwnCases over one transaction."""

    told: PostgresTold
    labels: PostgresLabels
    deaths: PostgresOwnDeaths
    persons: PostgresPersonIndex
    relationships: PostgresRelationships
    hasher: KeyedHasher

    def take(self, cases: Sequence[ToldCase], *, at: datetime) -> Sequence[LedgerEntry]:
        """Keep what was told and what follows from it.

        (1) Leave out who is no agency of that kind, and whom nothing tells from others.
        (2) Wait for whoever takes in something of the same persons, then read what is known.
        (3) Keep what is newer, whatever order it comes in.
        (4) Derive every relationship that it may bear on, and write those that changed.
        """
        kinds = self.told.kinds({case.agency for case in cases})
        ours = [case for case in cases if kinds.get(case.agency) is case.message.source]  # (1)
        whose = [(case, self._person_of(case, at)) for case in ours]
        known = [(case, person) for case, person in whose if person is not None]
        if not known:
            return ()
        beside = [
            (case, claim)
            for case, person in known
            for claim in self.persons.claims_of(case.subject)
            if claim != person
        ]
        persons = {person for _, person in (*known, *beside)}
        self.told.lock(persons)  # (2)
        heard = _Heard(
            dict(self.told.cases(persons)),
            {_place(one): one for one in self.told.involvements(persons)},
            set(self.told.clearings(persons)),
        )
        for case, person in known:  # (3)
            heard.hear(case, person, at)
        for case, claim in beside:
            heard.let_go(case, claim, at)
        self.told.save(*heard.news())
        labels = [
            ((case.agency, person), case.message.version.sort_key, case.label)
            for case, person in known
            if case.label is not None
        ]
        if labels:
            self.labels.keep(labels, at=at)
        deaths = [((c.agency, person), record) for c, person in known for record in c.deaths]
        self.deaths.keep(deaths, heard.clearings)
        return self._relate(heard, at)  # (4)

    def _person_of(self, case: ToldCase, at: datetime) -> PersonId | None:
        """Whom the case is of, made where nobody knows them yet; nobody finds them by that.

        A number that was typed is a claim, so it brings nothing with it that could contradict
        whoever really has it.
        """
        if case.person is not None:
            return case.person
        found = self.persons.resolve([case.subject])[0]
        if found.conflict is not None or found.person is not None:
            return found.person
        subject = case.subject if case.feed.is_kept else _only_its_numbers(case.subject)
        if not any(True for _ in tokens_of(subject, self.hasher)):
            return None
        return self.persons.create(subject, at=at, is_own_case=True)

    def _relate(self, heard: "_Heard", at: datetime) -> Sequence[LedgerEntry]:
        concerned = heard.concerned()
        facts = self._facts(heard, concerned, at)
        due = {
            case: relationships_of(facts[case], at=at, opaque=self.hasher.opaque)
            for case in concerned
        }
        wanted = {one.id: one for derived in due.values() for one in derived}
        over = [
            relationship
            for case, relationship, warrant in self.told.standing(concerned)
            if relationship not in wanted and case in due and _is_over(warrant, due[case], at)
        ]
        ended = [
            replace(one, until=max(at, one.since)) for one in self.relationships.find(over).values()
        ]
        changed = self.relationships.add([*wanted.values(), *ended])
        return [_entry(one, at) for one in changed]

    def _facts(
        self, heard: "_Heard", concerned: Collection[CaseId], at: datetime
    ) -> Mapping[CaseId, CaseFacts]:
        involvements = list(heard.involvements.values())
        kinds = self.told.kinds({one.named for one in involvements if one.named is not None})
        workers = self.told.workers(involvements)
        confirmed = self.told.confirmed(concerned)
        mentioned = {
            (one.named, one.person)
            for one in involvements
            if one.named not in {None, one.agency} and is_standing(one, heard.clearings, at)
        }
        told, cleared = _by_case(involvements), _by_case(heard.clearings)
        found = {
            case: CaseFacts(
                case=heard.cases[case],
                involvements=told.get(case, ()),
                clearings=cleared.get(case, ()),
                workers=workers.get(case[0], {}),
                others={
                    one.named
                    for one in told.get(case, ())
                    if one.named is not None
                    and one.named != one.agency
                    and kinds.get(one.named, one.source) is one.source
                },
                is_corroborated=case in mentioned or case in confirmed,
                is_named=case in mentioned,
            )
            for case in concerned
        }
        return _against_each_other(found, at)


@dataclass(slots=True)
class _Heard:
    """What is known of the persons of one batch, and what of it is new."""

    cases: dict[CaseId, AgencyCase]
    involvements: dict[tuple[str, ...], ToldInvolvement]
    clearings: set[ToldClearing]
    _new_cases: set[CaseId] = field(default_factory=set)
    _new_involvements: set[tuple[str, ...]] = field(default_factory=set)
    _new_clearings: list[ToldClearing] = field(default_factory=list)
    _told_of: set[CaseId] = field(default_factory=set)

    def hear(self, told: ToldCase, person: PersonId, at: datetime) -> None:
        """Take in one message."""
        case = told.agency, person
        self._told_of.add(case)
        if told.label is not None:
            before = self.cases.get(case)
            self.cases[case] = _case(told, person, before, at)
            if self.cases[case] != before:
                self._new_cases.add(case)
        for record in told.records:
            if record.action is Action.CLEAR:
                self._clear(_clearing(told, person, record))
            else:
                self._involve(_involvement(told, person, record))

    def let_go(self, told: ToldCase, claim: PersonId, at: datetime) -> None:
        """End what was told of a claim that turns out to be of somebody who is on record."""
        if (told.agency, claim) in self.cases:
            self._told_of.add((told.agency, claim))
            version = Version(at.isoformat()).sort_key
            everything = RecordKey(ALL_RECORDS)
            self._clear(ToldClearing(told.agency, told.message.source, claim, everything, version))

    def news(
        self,
    ) -> tuple[list[AgencyCase], list[ToldInvolvement], list[ToldClearing]]:
        """What has to be written."""
        return (
            [self.cases[case] for case in sorted(self._new_cases)],
            [self.involvements[place] for place in sorted(self._new_involvements)],
            self._new_clearings,
        )

    def concerned(self) -> Collection[CaseId]:
        """Whose relationships this may bear on: every agency's with whoever was told of."""
        people = {person for _, person in self._told_of}
        return {case for case in self.cases if case[1] in people}

    def _involve(self, told: ToldInvolvement) -> None:
        place = _place(told)
        before = self.involvements.get(place)
        after = told if before is None else _merged(before, told)
        if after != before:
            self.involvements[place] = after
            self._new_involvements.add(place)

    def _clear(self, clearing: ToldClearing) -> None:
        if clearing not in self.clearings:
            self.clearings.add(clearing)
            self._new_clearings.append(clearing)


def _against_each_other(facts: Mapping[CaseId, CaseFacts], at: datetime) -> dict[CaseId, CaseFacts]:
    """The same, each with what others of its kind claim where two cannot both have somebody."""
    claims: dict[PersonId, list[ClaimedCase]] = defaultdict(list)
    for (_, person), one in facts.items():
        if one.case.source in _HAS_BUT_ONE and (claim := claim_of(one, at)) is not None:
            claims[person].append(claim)
    return {
        case: replace(one, rivals=[c for c in claims[case[1]] if c.agency != case[0]])
        if one.case.source in _HAS_BUT_ONE
        else one
        for case, one in facts.items()
    }


_Told = TypeVar("_Told", ToldInvolvement, ToldClearing)


def _by_case(told: Iterable[_Told]) -> Mapping[CaseId, list[_Told]]:
    found: dict[CaseId, list[_Told]] = defaultdict(list)
    for one in told:
        found[one.case].append(one)
    return dict(found)


def _merged(before: ToldInvolvement, told: ToldInvolvement) -> ToldInvolvement:
    """What is newer counts. A removal leaves standing what was told, if only afterwards."""
    if told.version > before.version:
        if told.is_removed:
            return replace(before, version=told.version, is_removed=True)
        return told
    if before.is_removed and not before.is_of_kind and not told.is_removed:
        return replace(told, version=before.version, is_removed=True)
    if told.feed == before.feed or (told.is_kept and not before.is_kept):
        return replace(before, feed=told.feed, is_kept=told.is_kept)
    return before


def _case(told: ToldCase, person: PersonId, before: AgencyCase | None, at: datetime) -> AgencyCase:
    said = instant_of(told.message.version.sort_key)
    when = min(said, at) if said > _NEVER else at
    plain = None if any(r.action is Action.UPSERT for r in told.records) else when
    if before is None:
        feed = told.feed
        return AgencyCase(
            told.agency, person, told.message.source, feed.id, feed.is_kept, when, plain
        )
    plains = [one for one in (plain, before.last_plain) if one is not None]
    feed_id, is_kept = _feed_of(told.feed, before)
    return replace(
        before,
        feed=feed_id,
        is_kept=is_kept,
        first_told=min(when, before.first_told),
        last_plain=max(plains, default=None),
    )


def _feed_of(feed: Feed, before: AgencyCase) -> tuple[str, bool]:
    """The feed that told it first, unless one that others keep has told it since."""
    if feed.id == before.feed or (feed.is_kept and not before.is_kept):
        return feed.id, feed.is_kept
    return before.feed, before.is_kept


def _involvement(told: ToldCase, person: PersonId, record: PublishedRecord) -> ToldInvolvement:
    said = record.payload if isinstance(record.payload, Involvement) else None
    is_of_kind = said is not None and (
        said.agency_code == told.agency
        or (record.category is _OF_ITS_KIND.get(record.source) and said.service != GENERAL_PRACTICE)
    )
    return ToldInvolvement(
        agency=told.agency,
        source=record.source,
        person=person,
        key=record.key,
        version=record.version,
        feed=told.feed.id,
        is_kept=told.feed.is_kept,
        named=None if said is None else said.agency_code,
        worker=None if said is None else said.practitioner_ref,
        since=None if said is None else said.period.start,
        until=None if said is None else said.period.end,
        scopes=record.scopes,
        part_of=record.part_of,
        is_removed=said is None,
        is_of_kind=is_of_kind,
        is_dual=said is not None and said.service == DUAL_SCHOOL,
    )


def _clearing(told: ToldCase, person: PersonId, record: PublishedRecord) -> ToldClearing:
    return ToldClearing(
        told.agency, record.source, person, record.key, record.version, record.keeps
    )


def _place(told: ToldInvolvement) -> tuple[str, ...]:
    return told.person, told.agency, told.source, told.key


def _only_its_numbers(subject: Subject) -> Subject:
    numbered = any(
        i.is_verified and i.scheme is not IdentifierScheme.LOCAL for i in subject.identifiers
    )
    who = subject.demographics
    return replace(subject, demographics=replace(who, date_of_birth=None)) if numbered else subject


def _is_over(warrant: str, derived: Sequence[HeldRelationship], at: datetime) -> bool:
    """What a feed made ends when it no longer follows from what feeds tell.

    What was taken over from before ends once the feed itself tells who works there, or that
    nobody does any more: until then nothing has taken its place.
    """
    if warrant != WarrantKind.MIGRATION:
        return True
    in_force = {one.ground for one in derived if one.until is None or one.until > at}
    return not in_force or RelationshipGround.CASE_LOAD in in_force


def _entry(one: HeldRelationship, at: datetime) -> LedgerEntry:
    fields: dict[str, FieldValue] = {"relationship": one.id, "person": one.person}
    if one.until is not None and one.until <= at:
        fields["because"] = "told-by-feed"
        return ledger_entry(LedgerEvent.RELATIONSHIP_ENDED, fields, at=at, actor=one.asked_by)
    fields |= {
        "practitioner": [] if one.practitioner is None else [one.practitioner],
        "ground": one.ground,
        "warrant": one.warrant.kind,
        "until": [] if one.until is None else [_time(one.until)],
    }
    return ledger_entry(LedgerEvent.RELATIONSHIP_MADE, fields, at=at, actor=one.asked_by)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
