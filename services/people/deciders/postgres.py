"""Who may decide, in PostgreSQL: what is held of persons, opened for the check and for a list."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from connectors.publishing.telling.decider_ports import ToldCare, ToldDeath, ToldResponsibility
from consent.decisions.ages import NamedAgency
from consent.decisions.deciders import DeciderFacts, SubjectFacts, named_deciders
from consent.errors import DecisionInvalidError
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import Decider, DeciderKind
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.uk_time import uk_day
from schemas.vocabulary import Role, Source
from services.people.deciders.documents import (
    KeptFact,
    birth_from,
    cared_for_by,
    fact_from_document,
    responsibility_from,
)
from services.people.deciders.naming import (
    NamedChoice,
    NameReferences,
    reference_among,
    references_of,
)
from services.people.deciders.postgres_intake import bound_to_fact
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.practitioners.postgres_directory import PostgresDirectory
from services.platform.errors import KeyDestroyedError
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest

# Of an identity that an adoption left behind nothing is read: former parents decide nothing.
FACTS_OF = text("""
    SELECT f.person_id, f.source, f.agency, f.record_key, f.sealed, f.other_person_id, f.seen_at
    FROM decider_fact f JOIN person p USING (person_id)
    WHERE f.person_id = ANY(:persons) AND f.sealed IS NOT NULL
      AND p.wrapped_key IS NOT NULL AND p.left_behind_at IS NULL
    ORDER BY f.person_id, f.source, f.agency, f.record_key
""")
_MANAGE = (Role.LEAD_PRACTITIONER, Role.SERVICE_MANAGER)


HiddenAmong = Callable[[Collection[PersonId]], Collection[PersonId]]
"""Those of some persons whom a recorder may not know of; what names one of them names nobody."""


@dataclass(frozen=True, slots=True, repr=False)
class _Manager:
    """Who may decide for an authority: not the worker (Children Act 1989 s.33)."""

    id: PractitionerId
    name: str
    agency: NamedAgency


class PostgresDeciderFacts:
    """What is held for deciding, as one transaction sees it at its one moment."""

    def __init__(
        self,
        connection: Connection,
        hasher: KeyedHasher,
        keys: PersonKeys,
        clusters: PostgresClusters,
        directory: PostgresDirectory,
        *,
        at: datetime,
    ) -> None:
        self._connection = connection
        self._hasher = hasher
        self._keys = keys
        self._clusters = clusters
        self._directory = directory
        self._today = uk_day(at)

    def of(self, subjects: Collection[PersonId]) -> DeciderFacts:
        """What is held of each subject and of who is one with them, for `check_decider`."""
        kept = self._kept(subjects)
        managers = self._managers(kept.values())
        return DeciderFacts(tuple(self._about(facts, managers) for facts in kept.values()))

    def decider_named(self, name: str, subjects: Collection[PersonId]) -> Decider:
        """The parent of this name, typed by who records: by the reference that a source's has.

        Raises DecisionInvalidError for less than a first and a last name. The answer tells nobody
        whether anybody is named so.
        """
        typed = self._references_of(name)
        if typed is None:
            raise DecisionInvalidError("decider-name", "is-not-a-first-and-a-last-name")
        return Decider(DeciderKind.PARENT, reference_among(self.of(subjects), typed))

    def choices(
        self,
        subjects: Collection[PersonId],
        recorder_agency: NamedAgency | None,
        hidden: HiddenAmong,
    ) -> Sequence[NamedChoice]:
        """Who may decide for every one of these, by a source that is not the recorder's agency."""
        kept = self._kept(subjects)
        told = [fact for facts in kept.values() for fact in facts]
        managers = self._managers(kept.values())
        about = [self._about(facts, managers) for facts in kept.values()]
        named = [named_deciders(one, recorder_agency) for one in about]
        left_out = self._left_out(told, hidden)
        names = self._names(told)
        parents = [
            NamedChoice(one.id, names[one.id])
            for one in {one.id: one for of_one in named for one in of_one}.values()
            if all(any(other.is_meant_by(one.id) for other in of_one) for of_one in named)
            and left_out.isdisjoint(one.also | {one.id})
        ]
        managing = _in_all(one.managers for one in about)
        leads = [NamedChoice(m.id, m.name, is_manager=True) for m in managers if m.id in managing]
        return sorted([*parents, *leads], key=lambda one: (one.is_manager, one.name))

    def _left_out(self, told: Iterable[KeptFact], hidden: HiddenAmong) -> AbstractSet[str]:
        """Every reference that may mean somebody hidden, whichever source tells it.

        Where anybody is, also those of whom no source says more than a name: people in danger
        change theirs.
        """
        named: dict[PersonId | None, set[str]] = {}
        for fact in told:
            if isinstance(fact.said, ToldResponsibility):
                references = self._references_of(fact.said.name)
                every = frozenset[str]() if references is None else references.every
                named.setdefault(fact.other, set()).update(every)
        known = {person for person in named if person is not None}
        kept_from = set(hidden(known)) if known else set()
        if not kept_from:
            return frozenset()
        of_hidden = set[str]().union(*(named[person] for person in kept_from))
        of_others = set[str]().union(*(named[person] for person in known - kept_from))
        return of_hidden | (named.get(None, set()) - of_others)

    def kept(self, persons: Collection[PersonId]) -> Sequence[KeptFact]:
        """All that is kept of these by themselves, opened: for their own access to it."""
        return [fact for _, fact in self._opened(persons)]

    def have_died(self, persons: Collection[PersonId]) -> frozenset[PersonId]:
        """Those of whom any source tells, or reports, that they have died; as one with others."""
        members = self._clusters.members(persons)
        everyone = {member for cluster in members.values() for member in cluster}
        dead = {p for p, fact in self._opened(everyone) if isinstance(fact.said, ToldDeath)}
        return frozenset(p for p, cluster in members.items() if not dead.isdisjoint(cluster))

    def _kept(self, subjects: Collection[PersonId]) -> Mapping[PersonId, list[KeptFact]]:
        """What is held of each; of who has died it says nothing that they could decide."""
        found = self._kept_of_all(subjects)
        others = {f.other for facts in found.values() for f in facts if f.other is not None}
        dead = self.have_died(others) if others else frozenset()
        return {
            subject: [fact for fact in facts if fact.other not in dead]
            for subject, facts in found.items()
        }

    def _kept_of_all(self, subjects: Collection[PersonId]) -> Mapping[PersonId, list[KeptFact]]:
        members = self._clusters.members(subjects)
        everyone = {member for cluster in members.values() for member in cluster}
        found: dict[PersonId, list[KeptFact]] = {}
        for person, fact in self._opened(everyone):
            found.setdefault(person, []).append(fact)
        return {
            subject: [fact for member in members[subject] for fact in found.get(member, ())]
            for subject in sorted(members)
        }

    def _opened(self, persons: Collection[PersonId]) -> Iterable[tuple[PersonId, KeptFact]]:
        if not persons:
            return
        rows = self._connection.execute(FACTS_OF, {"persons": sorted(persons)}).all()
        self._keys.load({PersonId(row.person_id) for row in rows})
        for row in rows:
            person, key = PersonId(row.person_id), RecordKey(row.record_key)
            try:
                opens = self._keys.data_key(person)
            except KeyDestroyedError:
                continue
            bound_to = bound_to_fact(person, key, Source(row.source), row.agency)
            said = fact_from_document(open_at_rest(opens, bytes(row.sealed), bound_to=bound_to))
            agency = NamedAgency(Source(row.source), row.agency or None)
            other = None if row.other_person_id is None else PersonId(row.other_person_id)
            yield person, KeptFact(key, agency, said, row.seen_at, other)

    def _about(self, facts: list[KeptFact], managers: Sequence[_Manager]) -> SubjectFacts:
        births = [birth_from(fact) for fact in facts]
        named = [responsibility_from(fact, self._today, self._references_of) for fact in facts]
        authorities = cared_for_by(facts, self._today)
        return SubjectFacts(
            births=tuple(one for one in births if one is not None),
            responsible=tuple(one for one in named if one is not None),
            managers=frozenset(
                manager.id
                for manager in managers
                if any(authority.may_be(manager.agency) for authority in authorities)
            ),
        )

    def _managers(self, kept: Iterable[list[KeptFact]]) -> Sequence[_Manager]:
        """Of every authority, where anybody is looked after; of one that is not known, of all."""
        if not any(isinstance(fact.said, ToldCare) for facts in kept for fact in facts):
            return ()
        return [
            _Manager(one.id, one.name, NamedAgency(one.agency_kind, one.agency_code))
            for one in self._directory.in_roles(_MANAGE, Source.SOCIAL_CARE)
        ]

    def _names(self, facts: Iterable[KeptFact]) -> Mapping[str, str]:
        """The name behind each reference, as the first source writes it."""
        names: dict[str, str] = {}
        for fact in facts:
            if isinstance(fact.said, ToldResponsibility):
                named = self._references_of(fact.said.name)
                if named is not None:
                    names.setdefault(named.whole, fact.said.name)
        return names

    def _references_of(self, name: str) -> NameReferences | None:
        return references_of(name, self._hasher)


def list_choices(
    subjects: Collection[PersonId],
    *,
    recorder_agency: NamedAgency | None,
    hidden: HiddenAmong,
    actor: str,
    facts: PostgresDeciderFacts,
    ledger: Ledger,
    at: datetime,
) -> Sequence[NamedChoice]:
    """Whom a recorder may choose as decider; that the names were opened is entered first.

    Only for a recorder with a case-load: ask that before. Everybody else types a name.
    """
    found = facts.choices(subjects, recorder_agency, hidden)
    entry = ledger_entry(
        LedgerEvent.DECIDERS_LISTED,
        {"subjects": set(subjects), "named": len(found)},
        at=at,
        actor=actor,
    )
    ledger.append([entry])
    return found


def _in_all(sets: Iterable[frozenset[PractitionerId]]) -> frozenset[PractitionerId]:
    found = list(sets)
    return frozenset.intersection(*found) if found else frozenset()
