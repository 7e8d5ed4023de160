"""A data folder in which everything a kill could spoil is under way, and files yet to come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from consent.decisions.changing import withdraw_decision
from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, RecordDecision, Response
from deploy.bench.invented.health_visiting import GeneratedMessage, generate_messages
from schemas.identifiers import DecisionId, PractitionerId, nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Category, Purpose, Role, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.settings import Settings
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import drain
from services.workers.files.reading import files_below, ingest
from tests.support.builders import BOTH_HANDS

HEALTH_VISITOR = PractitionerId("a" * 32)
_AGENCY = "X9H01"
_ACTOR = "job:kill-test"
_MESSAGES_A_CHILD = 4
_UNREADABLE = 3


class Situation(StrEnum):
    """What the family decided, and how far that has come when the killing begins."""

    PERMITTED = "permitted"
    PERMITTED_LATER = "permitted-later"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    UNDECIDED = "undecided"


_OF_EACH_TEN = (
    *[Situation.PERMITTED] * 5,
    *[Situation.PERMITTED_LATER] * 2,
    Situation.WITHDRAWN,
    Situation.REFUSED,
    Situation.UNDECIDED,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data folder that nobody uses now, and the folder of files to be ingested into it."""

    data: Path
    files: Path


@dataclass(frozen=True, slots=True)
class _Child:
    situation: Situation
    subject: Subject
    messages: Sequence[GeneratedMessage]


def prepare(folder: Path, *, messages: int, seed: int) -> Prepared:
    """Make a data folder with work under way, and `messages` files that are still to come.

    A few that nobody can read are among the files besides.
    Each child's first message is in already. Of the children permitted later it is held back,
    and the news of the decision is queued; so is the news of each withdrawal, of which nothing
    has been purged yet. So relay, aggregation and connectors have work from the first moment,
    and every id that may appear follows from what is in this folder.
    """
    children = list(_children(messages, seed))
    first, rest = folder / "first", folder / "rest"
    _write(first, (child.messages[0] for child in children))
    _write(rest, islice((m for child in children for m in child.messages[1:]), messages))
    for number in range(_UNREADABLE):
        (rest / f"{number:07d}-unreadable.xml").write_bytes(b"<Bundle><id value='%d'/>" % number)
    with opened(Settings(data=folder / "data")) as application:
        _bring_in(application, children, first)
    return Prepared(folder / "data", rest)


def _bring_in(application: Application, children: Sequence[_Child], first: Path) -> None:
    portal = application.outside(DatabaseRole.PORTAL)
    with unit_of_work(portal) as work:
        _enter_health_visitor(work)
        early = {
            child.subject.identifiers[0].value: _decide(child, work)
            for child in children
            if child.situation not in {Situation.PERMITTED_LATER, Situation.UNDECIDED}
        }
    connectors = application.outside(DatabaseRole.CONNECTORS)
    for _ in ingest(Source.HEALTH_VISITING, files_below([first]), outside=connectors):
        pass
    drain(application)
    with unit_of_work(portal) as work:
        for child in children:
            if child.situation is Situation.PERMITTED_LATER:
                _decide(child, work)
            if child.situation is Situation.WITHDRAWN:
                decision = early[child.subject.identifiers[0].value]
                withdraw_decision(decision, actor=_ACTOR, deciding=work.deciding(BOTH_HANDS))


def _children(messages: int, seed: int) -> Iterator[_Child]:
    count = -(-messages // (_MESSAGES_A_CHILD - 1))
    generated = generate_messages(count * _MESSAGES_A_CHILD, seed=seed)
    for number in range(count):
        own = list(islice(generated, _MESSAGES_A_CHILD))
        born = Demographics(date_of_birth=own[0].date_of_birth)
        subject = Subject("child", (nhs_number_identifier(own[0].nhs_number),), born)
        yield _Child(_OF_EACH_TEN[number % len(_OF_EACH_TEN)], subject, own)


def _write(folder: Path, messages: Iterator[GeneratedMessage]) -> None:
    folder.mkdir(parents=True)
    for message in messages:
        (folder / message.name).write_bytes(message.xml)


def _decide(child: _Child, work: UnitOfWork) -> DecisionId:
    is_refused = child.situation is Situation.REFUSED
    order = RecordDecision(
        subjects=(child.subject,),
        response=Response.REFUSED if is_refused else Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        actor=_ACTOR,
    )
    return record_decision(order, deciding=work.deciding(BOTH_HANDS)).decision.id


def _enter_health_visitor(work: UnitOfWork) -> None:
    work.directory.save_agency(
        Agency(_AGENCY, "Northfield Community Health", Source.HEALTH_VISITING, None)
    )
    work.directory.save_practitioner(
        PractitionerEntry(
            id=HEALTH_VISITOR,
            name="Amara Okafor",
            role=Role.PRACTITIONER,
            job_title="Health visitor",
            agency_code=_AGENCY,
            telephone=None,
            worker_ref=None,
            purpose=Purpose.DIRECT_CARE,
        )
    )
