"""Who may ask, and the entry of what was asked: in the ledger before anything is answered. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode, Role

_OPERATOR = "operator:"
_PRACTITIONER = "practitioner:"
_MOST_NAMED = 100


class AuditQuestion(LabelledCode):
    """What auditors ask. A new one is a member here; the ledger keeps its code for ever."""

    LOOKS = "looks", "Who looked at this child between two dates?"
    ACCESS = "access", "What was looked at, tried, searched for or exported?"
    COULD_SEE = "could-see", "What could this worker see of this family that day, and what was it?"
    REFUSALS = "refusals", "What was refused, and why?"
    REVIEWS = "reviews", "Which accesses and decisions wait for a review?"
    DECISIONS = "decisions", "Which decisions want looking at?"
    DECISION = "decision", "What became of this decision?"
    TIMINGS = "timings", "How long from a no to the first refusal, and to the purge?"
    EXPORTS = "exports", "What was exported, by whom?"
    UNUSUAL = "unusual", "Who looked without a reason that we can find?"
    EXPLAIN = "explain", "Why was this access allowed or refused?"
    FAMILY_QUESTIONS = "family-questions", "What do families ask?"
    INTEGRITY = "integrity", "Is everything as it was written?"
    FIGURES = "figures", "How much, by agency and week?"


@dataclass(frozen=True, slots=True)
class Auditor:
    """Who asks: as the ledger names them, with their role; a system account has none."""

    actor: str
    role: Role | None = None
    agency: str | None = None

    @property
    def may_ask(self) -> bool:
        """Whether they are information governance, or whoever runs the service's commands."""
        return self.actor.startswith(_OPERATOR) or self.role is Role.INFORMATION_GOVERNANCE

    def may_ask_for(self, question: AuditQuestion) -> bool:
        """Whether they may ask this: service managers ask for figures, and for nothing else."""
        is_manager = self.role is Role.SERVICE_MANAGER
        return self.may_ask or (is_manager and question is AuditQuestion.FIGURES)

    @property
    def practitioner(self) -> PractitionerId | None:
        """Their account; None for a system account."""
        if not self.actor.startswith(_PRACTITIONER):
            return None
        return PractitionerId(self.actor.removeprefix(_PRACTITIONER))


@dataclass(frozen=True, slots=True)
class AuditAsked:
    """A question in ids and codes, as it is entered. `named` are workers, decisions, entries."""

    question: AuditQuestion
    subjects: tuple[PersonId, ...] = ()
    named: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class NotForThem(LabelledCode):
    """Why a question is not answered at all."""

    NOT_GOVERNANCE = "not-governance", "Only information governance asks this."


def enter_question(
    asked: AuditAsked, *, by: Auditor, ledger: Ledger, at: datetime
) -> UUID | NotForThem:
    """Enter what is asked, or that somebody else asked it; the answer comes after.

    The caller's transaction commits before anything is shown. Gives the id of the entry.
    """
    if not by.may_ask_for(asked.question):
        because = NotForThem.NOT_GOVERNANCE
        refused: dict[str, FieldValue] = {"question": asked.question, "because": because}
        ledger.append([ledger_entry(LedgerEvent.AUDIT_REFUSED, refused, at=at, actor=by.actor)])
        return because
    fields: dict[str, FieldValue] = {
        "question": asked.question,
        "subjects": sorted(set(asked.subjects))[:_MOST_NAMED],
        "named": sorted(set(asked.named))[:_MOST_NAMED],
        "codes": sorted(set(asked.codes)),
        "since": _times([asked.since]),
        "until": _times([asked.until]),
    }
    entry = ledger_entry(LedgerEvent.AUDIT_ASKED, fields, at=at, actor=by.actor)
    ledger.append([entry])
    return entry.entry_id


def _times(times: Collection[datetime | None]) -> list[str]:
    return [
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for time in times if time is not None
    ]
