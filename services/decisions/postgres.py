"""Sharing decisions and restrictions in PostgreSQL, read in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, text

from consent.agreement import AdoptedAgreement, in_force
from consent.deciding.record import policy_version
from consent.decisions.states import DecisionState, state_of
from consent.lawfulness import Basis
from consent.ledger import new_entry_id
from consent.model import (
    Decider,
    DeciderKind,
    Exclusion,
    Response,
    Restriction,
    SharingDecision,
)
from consent.question import OnRecord
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose
from services.decisions.documents import decision_from_document, document_from_decision
from services.decisions.postgres_agreements import PostgresAgreements
from services.ledger.bound_tables import DECISIONS
from services.ledger.postgres_bound import BoundRows
from services.people.linking.joined_record import (
    joined_record,
    record_with_what_denies,
    recorded_at,
)
from services.people.persons.postgres_clusters import PostgresClusters
from services.people.protecting.postgres import PostgresProtection
from services.platform.database.engine import Blobs
from services.platform.errors import ServiceUnavailableError

# Each version is a row of its own; what holds is the newest.
_NEWEST = """
    CROSS JOIN LATERAL (
        SELECT * FROM sharing_decision WHERE decision_id = s.decision_id
        ORDER BY version DESC LIMIT 1) AS d
"""
DECISIONS_ABOUT = text(f"""
    SELECT s.person_id, d.* FROM sharing_decision_subject s {_NEWEST}
    WHERE s.person_id = ANY(:persons)
""")  # noqa: S608 of constant parts
_EVERY_NEWEST = """
    SELECT DISTINCT ON (decision_id) *, convert_from(document, 'UTF8')::jsonb AS told
    FROM sharing_decision ORDER BY decision_id, version DESC
"""
# Few decisions have a review date, and this is asked once a day: no index is kept for it.
_WITH_REVIEW = text(f"""
    SELECT * FROM ({_EVERY_NEWEST}) AS opened WHERE told ->> 'review_at' IS NOT NULL
""")  # noqa: S608 as above
# Asked by commands only.
_WITH_PROPOSALS = text(f"""
    SELECT * FROM ({_EVERY_NEWEST}) AS opened
    WHERE told ->> 'change_asked' IS NOT NULL
       OR told ->> 'proposed' IS NOT NULL AND told ->> 'confirmed_at' IS NULL
    ORDER BY decision_id
""")  # noqa: S608 as above
_UNCONFIRMED_PERMITS = text(f"""
    SELECT * FROM ({_EVERY_NEWEST}) AS opened
    WHERE told ->> 'response' = :given AND told ->> 'confirmed_at' IS NULL
      AND told ->> 'proposed' IS NULL AND told ->> 'withdrawn_at' IS NULL
      AND told ->> 'invalidated_at' IS NULL AND told ->> 'superseded_at' IS NULL
    ORDER BY decision_id
""")  # noqa: S608 as above
# Where somebody is, is kept under everybody who was one with them: see services.profile.protection.
PROTECTING = text("""
    SELECT place, person_id FROM protected_place WHERE place = ANY(:places)
""")
_UNCONFIRMED = text(f"""
    SELECT count(*) FROM ({_EVERY_NEWEST}) AS opened
    WHERE decision_id >= :first AND told -> 'circumstances' ->> 'recorded_by' = :actor
      AND told ->> 'response' <> :given AND told ->> 'confirmed_at' IS NULL
      AND (SELECT min(recorded_at) FROM sharing_decision AS each
           WHERE each.decision_id = opened.decision_id) > :since
""")  # noqa: S608 as above
_FIND = text("""
    SELECT * FROM sharing_decision WHERE decision_id = :id ORDER BY version DESC LIMIT 1
""")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('decision ' || :id, 0))")
_SAVE_SUBJECTS = text("""
    INSERT INTO sharing_decision_subject (person_id, decision_id)
    SELECT person, :id FROM unnest(CAST(:persons AS text[])) AS person ON CONFLICT DO NOTHING
""")
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY: Mapping[PersonId, Collection[PersonId]] = MappingProxyType({})


Protecting = TypeVar("Protecting", Restriction, Exclusion)


class PostgresDecisions:
    """consent.ports.Decisions in one transaction, with what else is asked of decisions."""

    def __init__(
        self,
        connection: Connection,
        clusters: PostgresClusters,
        bound: BoundRows,
        protection: PostgresProtection,
    ) -> None:
        self._connection = connection
        self._clusters = clusters
        self._bound = bound
        self._protection = protection

    def on_record(
        self,
        persons: Collection[PersonId],
        *,
        said_to_be: Mapping[PersonId, Collection[PersonId]] = _NOBODY,
    ) -> Mapping[PersonId, OnRecord]:
        """As the port says, in one query for all of them."""
        if not persons:
            return {}
        clusters = self._clusters.members(persons)
        everyone = self._clusters.all_of(persons)
        found = joined_record(self._recorded(everyone), clusters)
        return self._with_what_denies(found, clusters, said_to_be)

    def recorded_about(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId, Sequence[SharingDecision]]:
        """For each person every decision about them, or who is one with them, as it was recorded.

        This is to be listed; what to decide from is in `on_record`.
        """
        found = self._decisions(self._clusters.all_of(persons))
        return {
            person: list({d.id: d for m in members for d in found.get(m, ())}.values())
            for person, members in self._clusters.members(persons).items()
        }

    def policy_version(self, at: datetime) -> str:
        """The rules and the agreement by which anything is decided at that time."""
        return policy_version(in_force(self.agreements, at))

    @cached_property
    def agreements(self) -> tuple[AdoptedAgreement, ...]:
        """Every agreement that was ever adopted, read once in this transaction."""
        return PostgresAgreements(self._connection, self._bound).adopted()

    def due_for_review(self, by: datetime) -> Sequence[SharingDecision]:
        """The decisions that hold and that somebody should ask about again by then."""
        decisions = self._opened(self._connection.execute(_WITH_REVIEW))
        due = [d for d in decisions if state_of(d, by) is DecisionState.DUE_FOR_REVIEW]
        return sorted(due, key=lambda d: (d.ask_again_at, d.id))

    def with_proposals(self) -> Sequence[SharingDecision]:
        """Those about which anything waits for a second hand, or did until it lapsed."""
        return self._opened(self._connection.execute(_WITH_PROPOSALS))

    def permitted_since(
        self, persons: Collection[PersonId], since: datetime
    ) -> Sequence[SharingDecision]:
        """The permissions about any of these that came on record since then and are in force."""
        found = {d.id: d for each in self._decisions(persons).values() for d in each}
        at = self._bound.at
        return [
            decision
            for _, decision in sorted(found.items())
            if decision.response is Response.GIVEN
            and recorded_at(decision) > since
            and state_of(decision, at).is_in_force
        ]

    def unconfirmed(self) -> Sequence[SharingDecision]:
        """The permissions that nobody has confirmed, of which nothing has become yet."""
        told = {"given": Response.GIVEN.value}
        return self._opened(self._connection.execute(_UNCONFIRMED_PERMITS, told))

    def any_recorded(self) -> bool:
        """Whether any decision was ever recorded."""
        found = self._connection.execute(text("SELECT 1 FROM sharing_decision LIMIT 1"))
        return found.first() is not None

    def find(self, decision: DecisionId) -> SharingDecision | None:
        """One decision, locked against a change at the same moment.

        None also for one that is not as it was written: nothing is built on that.
        """
        self._connection.execute(_LOCK, {"id": decision})
        return next(iter(self._opened(self._connection.execute(_FIND, {"id": decision}))), None)

    def save(self, decision: SharingDecision, *, at: datetime, actor: str) -> None:
        """Write a decision or its next version."""
        if not self.add(decision, at=at, actor=actor):
            raise ServiceUnavailableError("another change of this decision came first; try again")

    def add(self, decision: SharingDecision, *, at: datetime, actor: str) -> bool:
        """The same, unless this version is there already; whether it was not."""
        row = {
            "decision_id": decision.id,
            "version": decision.version,
            "document": document_from_decision(decision),
            "recorded_at": at,
        }
        if not self._bound.add(DECISIONS, [(row, actor)]):
            return False
        self._connection.execute(
            _SAVE_SUBJECTS, {"id": decision.id, "persons": sorted(decision.subjects)}
        )
        return True

    def unconfirmed_by(self, actor: str, *, since: datetime) -> int:
        """As the port says; ids grow with time, so this reads the newest decisions only."""
        first = str(new_entry_id(since))[: len("00000000-0000")]
        told = {"actor": actor, "since": since, "first": first, "given": Response.GIVEN.value}
        return int(self._connection.execute(_UNCONFIRMED, told).scalar_one())

    def place(
        self, restriction: Restriction, *, actor: str, warranted_by: str | None = None
    ) -> None:
        """As the port says."""
        self._protection.write(restriction, actor=actor, warranted_by=warranted_by)

    def find_restriction(self, restriction: str) -> Restriction | None:
        """One restriction as it stands, locked until commit."""
        return self._protection.restriction(restriction)

    def protecting(self, places: Collection[bytes]) -> Mapping[bytes, Sequence[Restriction]]:
        """As the port says: by the hashes that are kept of where somebody restricted lives."""
        if not places:
            return {}
        rows = self._connection.execute(PROTECTING, {"places": Blobs(sorted(places))}).all()
        placed = _by_person(self._protection.restrictions({row.person_id for row in rows}))
        known_as = self._clusters.canonical([PersonId(row.person_id) for row in rows])
        found: dict[bytes, list[Restriction]] = {}
        for row in rows:
            whom = known_as[PersonId(row.person_id)]
            of_one = [replace(r, subject=whom) for r in placed.get(row.person_id, ())]
            if of_one:
                found.setdefault(bytes(row.place), []).extend(of_one)
        return found

    def _opened(self, rows: Iterable[Row[Any]]) -> list[SharingDecision]:
        """The decisions that are as they were written."""
        return [
            decision_from_document(bytes(row.document))
            for row in rows
            if self._bound.holds(DECISIONS, row)
        ]

    def _decisions(
        self, persons: Collection[PersonId]
    ) -> Mapping[PersonId, Sequence[SharingDecision]]:
        found: dict[PersonId, list[SharingDecision]] = {person: [] for person in persons}
        for row in self._connection.execute(DECISIONS_ABOUT, {"persons": list(persons)}):
            person = PersonId(row.person_id)
            if not self._bound.holds(DECISIONS, row):
                everything = refusal_of_everything(row.decision_id, version=row.version)
                found[person].append(replace(everything, subjects=frozenset({person})))
                continue
            decision = decision_from_document(bytes(row.document))
            if person in decision.subjects:  # whatever the table says that only finds it
                found[person].append(decision)
        return found

    def _with_what_denies(
        self,
        found: Mapping[PersonId, OnRecord],
        clusters: Mapping[PersonId, Sequence[PersonId]],
        said_to_be: Mapping[PersonId, Collection[PersonId]],
    ) -> Mapping[PersonId, OnRecord]:
        """With what denies about others of whom one hand said that they are one, or are no more."""
        denying = {
            person: {**others, **self._saying_no(said_to_be.get(person, ()))}
            for person, others in self._clusters.denying(found.keys()).items()
        }
        others = sorted({other for untils in denying.values() for other in untils})
        if not others:
            return found
        theirs = self._recorded(others)
        return {
            person: record_with_what_denies(
                record,
                clusters[person],
                [(theirs[other], until) for other, until in sorted(denying[person].items())],
            )
            for person, record in found.items()
        }

    def _saying_no(self, others: Collection[PersonId]) -> Mapping[PersonId, datetime]:
        """These, and whoever's no holds for them, each with until when it must be on record."""
        if not others:
            return {}
        return {
            o: until
            for held in self._clusters.holding_for(others).values()
            for o, until in held.items()
        }

    def _recorded(self, persons: Sequence[PersonId]) -> Mapping[PersonId, OnRecord]:
        decisions = self._decisions(persons)
        restrictions = _by_person(self._protection.restrictions(persons))
        exclusions = _by_person(self._protection.exclusions(persons))
        return {
            person: OnRecord(
                tuple(decisions[person]),
                tuple(restrictions.get(person, ())),
                self.agreements,
                tuple(exclusions.get(person, ())),
            )
            for person in persons
        }


def refusal_of_everything(decision: str, *, version: int = 1) -> SharingDecision:
    """What a decision counts as that is not as it was written: it may have been a refusal."""
    return SharingDecision(
        id=DecisionId(decision),
        subjects=frozenset(),
        response=Response.REFUSED,
        categories=frozenset(Category),
        purposes=frozenset(Purpose),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "not-as-it-was-written"),
        decided_at=_ALWAYS,
        version=version,
    )


def _by_person(found: Iterable[Protecting]) -> Mapping[PersonId, Sequence[Protecting]]:
    by_person: dict[PersonId, list[Protecting]] = {}
    for one in found:
        by_person.setdefault(one.subject, []).append(one)
    return by_person
