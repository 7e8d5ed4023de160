"""Whom an auditor means by numbers that are typed: a family, and a worker by their agency's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from schemas.identifiers import PersonId, PractitionerId
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.postgres_answers import Auditing, family_named

_MOST_TOLD_APART = 2
_WORKERS_CALLED = text("""
    SELECT DISTINCT practitioner_id FROM membership
    WHERE worker_ref = :number AND (CAST(:agency AS text) IS NULL OR agency_code = :agency)
    ORDER BY practitioner_id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class NamedAsked:
    """What was typed, and which question it is for. `family` is `SCHEME:VALUE`."""

    question: AuditQuestion
    since: datetime
    until: datetime
    family: str | None = None
    staff_number: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class NamedByNumber:
    """Everybody who is one with whom was meant; the workers of that number, if it was typed.

    More than one worker: agencies give the same number to different people.
    """

    asked: NamedAsked
    persons: tuple[PersonId, ...]
    workers: tuple[PractitionerId, ...]

    @property
    def is_known(self) -> bool:
        """Whether everything that was typed names somebody, and one only."""
        has_family = self.asked.family is None or bool(self.persons)
        has_worker = self.asked.staff_number is None or len(self.workers) == 1
        return has_family and has_worker


def whom(asked: NamedAsked, auditing: Auditing) -> NamedByNumber | NotForThem:
    """Who is meant. It is entered whether or not there is such a one: that is an answer already.

    The page that it leads to is another question. Raises SubjectInvalidError for what can be
    nobody's number.
    """
    work = auditing.work
    persons = () if asked.family is None else family_named(asked.family, work)
    named = NamedByNumber(asked, persons, tuple(_workers(asked, auditing)))
    told = AuditAsked(asked.question, persons, named.workers, since=asked.since, until=asked.until)
    entered = auditing.enter(told)
    return entered if isinstance(entered, NotForThem) else named


def _workers(asked: NamedAsked, auditing: Auditing) -> Sequence[PractitionerId]:
    if asked.staff_number is None:
        return []
    wanted = {
        "number": asked.staff_number,
        "agency": asked.agency,
        "most": _MOST_TOLD_APART,
    }
    found = auditing.work.connection.execute(_WORKERS_CALLED, wanted).scalars()
    return [PractitionerId(one) for one in found]


def agencies_to_choose(auditing: Auditing) -> Sequence[tuple[str, str]]:
    """The agencies by which a list is narrowed: their codes and names, by name."""
    found = auditing.work.directory.agencies()
    return sorted(((one.code, one.name) for one in found), key=lambda one: (one[1], one[0]))
