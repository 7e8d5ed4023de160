"""How reviews stand, and what families ask, in PostgreSQL: a row a state, never changed.

Neither opens, widens or hides anything, and each state has its entry in the ledger; so the rows are
not bound by a seal. Whoever changed one would change what a list says, and not what happened.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, text

from consent.ledger import FieldValue, read_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from services.audit.index.entries import thing
from services.audit.outcomes import FoundBecause, Outcome, ReviewStanding, Step
from services.platform.errors import ServiceUnavailableError

_STATES = text("""
    SELECT DISTINCT ON (review_id) * FROM audit_review WHERE review_id = ANY(:ids)
    ORDER BY review_id, state DESC
""")
_HISTORY = text("SELECT * FROM audit_review WHERE review_id = :id ORDER BY state")
_ADD = text("""
    INSERT INTO audit_review (review_id, state, kind, step, outcome, because, found_by, closed_by,
                              said_by, known_at)
    VALUES (:id, :state, :kind, :step, :outcome, :because, :found_by, :closed_by, :said_by, :at)
    ON CONFLICT DO NOTHING
""")
# What is closed is most after some years: it is in no row of what is open. Of each kind no more is
# read than a page takes.
_WAITING = text("""
    SELECT i.* FROM (
        SELECT found.item_id, found.due_at FROM unnest(CAST(:kinds AS text[])) AS wanted (kind)
        CROSS JOIN LATERAL (
            SELECT o.item_id, o.due_at FROM governance_open AS o
            WHERE o.kind = wanted.kind AND (o.due_at, o.item_id) > (:due_at, CAST(:item AS text))
            ORDER BY o.due_at, o.item_id LIMIT :most) AS found
        ORDER BY found.due_at, found.item_id LIMIT :most) AS page
    JOIN governance_item AS i ON i.item_id = page.item_id AND i.state = 1
    ORDER BY i.due_at, i.item_id
""")
_FIRST = text("SELECT * FROM governance_item WHERE item_id = :id AND state = 1")
_ABOUT = text("""
    SELECT r.relationship_id AS about, r.person_id FROM relationship r
    WHERE r.relationship_id = ANY(:abouts) AND r.state = 1
    UNION ALL
    SELECT s.decision_id, s.person_id FROM sharing_decision_subject s
    WHERE s.decision_id = ANY(:abouts)
    UNION ALL
    SELECT q.question_id, q.person_id FROM family_question q
    WHERE q.question_id = ANY(:abouts) AND q.state = 1 AND q.person_id IS NOT NULL
""")
_TOLD = text("""
    SELECT e.body FROM audit_named AS n JOIN ledger_entry AS e USING (seq)
    WHERE n.named = :named AND n.event = :event AND n.at >= :since
    ORDER BY n.at DESC, n.seq DESC LIMIT :most
""")
MOST_TOLD = 50


class DuePlace(NamedTuple):
    """Where an item is among those that wait: what a page begins after."""

    due_at: datetime
    item: str


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item of the queue as it was raised, with whose records it is about."""

    id: str
    kind: str
    about: str
    raised_by: str
    raised_at: datetime
    due_at: datetime
    persons: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class ReviewSaid:
    """One state of a review, by whom and when."""

    standing: ReviewStanding
    said_by: str
    at: datetime


class PostgresReviews:
    """Reviews as one transaction sees them: of the queue's items, and of what else has an id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, ids: Collection[str]) -> Mapping[str, ReviewStanding]:
        """How the reviews of these ids stand; whoever has none is new."""
        found = self._connection.execute(_STATES, {"ids": list(ids)})
        stands = {row.review_id: _standing(row) for row in found}
        return {one: stands.get(one, ReviewStanding()) for one in ids}

    def history(self, review: str) -> Sequence[ReviewSaid]:
        """Every state of one, the first first."""
        rows = self._connection.execute(_HISTORY, {"id": review})
        return [ReviewSaid(_standing(row), row.said_by, row.known_at) for row in rows]

    def add(
        self, review: str, kind: str, standing: ReviewStanding, *, said_by: str, at: datetime
    ) -> None:
        """Write the next state. Raises ServiceUnavailableError where another came first."""
        row = {
            "id": review,
            "state": standing.state,
            "kind": kind,
            "step": standing.step.value,
            "outcome": standing.outcome,
            "because": standing.because,
            "found_by": standing.found_by,
            "closed_by": standing.closed_by,
            "said_by": said_by,
            "at": at,
        }
        if self._connection.execute(_ADD, row).rowcount != 1:
            raise ServiceUnavailableError("somebody else said something of it first; look again")

    def waiting(
        self, kinds: Collection[str], *, after: DuePlace, most: int
    ) -> Sequence[WaitingItem]:
        """What is open of these kinds, the soonest due first, from after that place."""
        asked = {"kinds": sorted(kinds), "due_at": after.due_at, "item": after.item, "most": most}
        return self._items(self._connection.execute(_WAITING, asked).all())

    def told_to(self, lead: str, *, since: datetime) -> Mapping[str, datetime]:
        """The reviews of which a lead was told since then, the newest first, and when.

        By the index alone: what it does not hold yet comes some seconds later.
        """
        named = thing("practitioner", lead)
        event = LedgerEvent.REVIEW_TOLD.value
        asked = {"named": named, "event": event, "since": since, "most": MOST_TOLD}
        rows = self._connection.execute(_TOLD, asked)
        entries = [read_entry(bytes(row.body)) for row in rows]
        told = [one for one in entries if lead in _ids(one.fields.get("practitioners"))]
        return {str(one.fields["review"]): one.at for one in told}

    def item(self, item: str) -> WaitingItem | None:
        """One item as it was raised, open or not."""
        row = self._connection.execute(_FIRST, {"id": item}).first()
        return None if row is None else self._items([row])[0]

    def _items(self, rows: Sequence[Row[tuple[object, ...]]]) -> Sequence[WaitingItem]:
        persons: dict[str, set[PersonId]] = {}
        for row in self._connection.execute(_ABOUT, {"abouts": [row.about for row in rows]}):
            persons.setdefault(row.about, set()).add(PersonId(row.person_id))
        return [
            WaitingItem(
                row.item_id,
                row.kind,
                row.about,
                row.raised_by,
                row.known_at,
                row.due_at,
                tuple(
                    sorted(
                        persons.get(row.about, set())
                        | ({PersonId(row.person_id)} if row.person_id is not None else set())
                    )
                ),
            )
            for row in rows
        ]


def _ids(told: FieldValue | None) -> Collection[object]:
    return told if isinstance(told, tuple | list) else ()


def _standing(row: Row[tuple[object, ...]]) -> ReviewStanding:
    return ReviewStanding(
        Step(row.step),
        None if row.outcome is None else Outcome(row.outcome),
        None if row.because is None else FoundBecause(row.because),
        row.found_by,
        row.closed_by,
        row.state,
    )


# What families ask.

_ASK = text("""
    INSERT INTO family_question (question_id, state, person_id, asks, worker, came_by, entered_by,
                                 due_at, answer, known_at)
    VALUES (:id, :state, :person, :asks, :worker, :came_by, :entered_by, :due_at, :answer, :at)
    ON CONFLICT DO NOTHING
""")
_QUESTIONS = text("""
    SELECT DISTINCT ON (question_id) * FROM family_question WHERE question_id = ANY(:ids)
    ORDER BY question_id, state DESC
""")
_ENTERED_BY = text("""
    SELECT question_id FROM family_question WHERE entered_by = :actor AND state = 1
    ORDER BY known_at DESC, question_id LIMIT 50
""")


@dataclass(frozen=True, slots=True)
class FamilyQuestion:
    """What a family asks, as codes: whose records it is about, and whom it names, if anybody.

    `worker` is who looked, as the ledger names them; `came_by` is how the question came in.
    """

    id: str
    person: PersonId | None
    asks: str
    worker: str | None
    came_by: str
    entered_by: str
    due_at: datetime
    answer: str | None = None
    state: int = 1


class PostgresFamilyQuestions:
    """Families' questions as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, question: str) -> FamilyQuestion | None:
        """One question as it stands."""
        return self.all_of([question]).get(question)

    def all_of(self, questions: Collection[str]) -> Mapping[str, FamilyQuestion]:
        """Those of these ids that there are, each as it stands."""
        rows = self._connection.execute(_QUESTIONS, {"ids": list(questions)})
        return {row.question_id: _question(row) for row in rows}

    def entered_by(self, actor: str) -> Sequence[FamilyQuestion]:
        """What somebody asked, the latest first, each as it stands."""
        found = list(self._connection.execute(_ENTERED_BY, {"actor": actor}).scalars())
        told = self.all_of(found)
        return [told[one] for one in found if one in told]

    def add(self, question: FamilyQuestion, *, at: datetime) -> None:
        """Write a question or its next state. Raises ServiceUnavailableError for one too late."""
        row = {
            "id": question.id,
            "state": question.state,
            "person": question.person,
            "asks": question.asks,
            "worker": question.worker,
            "came_by": question.came_by,
            "entered_by": question.entered_by,
            "due_at": question.due_at,
            "answer": question.answer,
            "at": at,
        }
        if self._connection.execute(_ASK, row).rowcount != 1:
            raise ServiceUnavailableError("it was answered at the same moment; look again")


def _question(row: Row[tuple[object, ...]]) -> FamilyQuestion:
    return FamilyQuestion(
        row.question_id,
        None if row.person_id is None else PersonId(row.person_id),
        row.asks,
        row.worker,
        row.came_by,
        row.entered_by,
        row.due_at,
        row.answer,
        row.state,
    )
