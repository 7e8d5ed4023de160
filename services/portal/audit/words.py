"""Words that several pages of the workbench share: workers, families, answers, codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.identifiers import reference_of
from schemas.vocabulary import Role
from services.audit.looks import Answered, AuditedWorker, worker_of
from services.portal.words.cards import Tag

_COLOURS = {
    Answered.ALLOWED: "green",
    Answered.IN_PART: "yellow",
    Answered.REFUSED: "red",
    Answered.DONE: "grey",
}


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """Somebody who works here: their name, and their post and agency as they stood then."""

    name: str
    beside: str
    actor: str


@dataclass(frozen=True, slots=True)
class FamilyLink:
    """A family by its number: short as it is read aloud, and whole as it stands in an address."""

    reference: str
    number: str


def worker_line(actor: str, workers: Mapping[str, AuditedWorker]) -> WorkerLine:
    """Say who an actor is; a system account, a job and a partner go by what they are called."""
    worker = worker_of(actor, workers)
    role = worker.job_title or (None if worker.role is None else Role(worker.role).label)
    return WorkerLine(worker.name, ", ".join(filter(None, (role, worker.agency))), actor)


def family_links(persons: Iterable[str]) -> tuple[FamilyLink, ...]:
    """The families that an entry is about."""
    return tuple(FamilyLink(reference_of(person), person) for person in persons)


def answer_tag(answered: Answered) -> Tag:
    """What an attempt came to, as a tag."""
    return Tag(answered.label, _COLOURS[answered])
