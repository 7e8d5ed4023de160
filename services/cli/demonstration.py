"""Invented families, brought in through the connectors like anybody's (never in production).

And beginning again with an empty data folder.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.family_hub.story import (
    AddStory,
    ConfirmStory,
    CorrectStory,
    Told,
    add_story,
    confirm_story,
    correct_story,
    correction_of,
    record_of,
)
from connectors.family_hub.support import SaySupport, key_of_help, key_of_step, say_support
from connectors.publishing.ports import Publishing
from connectors.registry import ROWS
from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    RefusalReason,
)
from consent.decisions.changing import withdraw_decision
from consent.decisions.recording import record_decision
from consent.decisions.restrictions import place_restriction
from consent.lawfulness import Article9, Basis, Gateway
from consent.ledger import entry_id_for
from consent.model import (
    Decider,
    DeciderKind,
    RecordDecision,
    RelationshipGround,
    Response,
    RestrictionScope,
)
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Demographics, Subject
from schemas.records.payloads import (
    FactStatus,
    HelpWanted,
    NextStep,
    StoryEntry,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from schemas.uk_time import last_moment
from schemas.vocabulary import (
    OPENS_FAMILY_RECORDS,
    Category,
    IdentifierScheme,
    Purpose,
    Role,
    Source,
)
from services.bootstrap import LOADED, Application, DatabaseRole
from services.cli.intake.directory.connections_demonstration import load_connections
from services.cli.intake.directory.services_demonstration import load_community, load_services
from services.people.persons.subjects import identifier_of
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.leads import SafeguardingLead
from services.people.relationships.model import HeldRelationship, Warrant, WarrantKind
from services.platform.errors import ServiceError
from services.platform.processes.serving_lock import ServingLock
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import drain
from services.workers.files.reading import files_below, ingest

# What the families said: entries, what was corrected, what was confirmed.

_Story = Mapping[str, Any]


def tell_stories(
    told: Mapping[str, Any],
    *,
    publishing: Publishing,
    person_of: Callable[[_Story], PersonId | None],
    actor_of: Callable[[str], str],
) -> None:
    """Write down what each family said, in order; what is about somebody unknown is left out."""
    names = {p["id"]: f"{p['name']}, {p['job_title']}" for p in told["practitioners"]}
    written: dict[str, PublishedRecord] = {}
    for story in told["stories"]:
        actor = actor_of(story["written_by"])
        if "confirms" in story:
            by = Told(story["told_by"], names[story["written_by"]], story["written_at"])
            records = [written[name] for name in story["confirms"] if name in written]
            confirm_story(ConfirmStory(records, by, actor), publishing=publishing)
            continue
        persons = tuple(map(person_of, (story["subject"], *story.get("also_about", ()))))
        known = tuple(person for person in persons if person is not None)
        if len(known) == len(persons):
            record = _write(story, known, names, written, actor, publishing)
            written[story.get("name", record.key)] = record


def _write(  # noqa: PLR0917 one step of tell_stories
    story: _Story,
    persons: tuple[PersonId, ...],
    names: Mapping[str, str],
    written: Mapping[str, PublishedRecord],
    actor: str,
    publishing: Publishing,
) -> PublishedRecord:
    entry = StoryEntry(
        text=story["text"],
        told_by=story["told_by"],
        written_by=names[story["written_by"]],
        written_at=story["written_at"],
        with_whom=story.get("with_whom"),
    )
    if corrected := written.get(story.get("corrects", "")):
        correct_story(CorrectStory(corrected, entry, actor), publishing=publishing)
        return correction_of(corrected, entry, publishing.hasher)
    kept_to = frozenset(story.get("kept_to", ()))
    add_story(AddStory(persons, entry, actor, kept_to), publishing=publishing)
    return record_of(persons, entry, kept_to, publishing.hasher)


# What they want help with, and what is to be done next.


def tell_support(
    told: Mapping[str, Any],
    *,
    publishing: Publishing,
    person_of: Callable[[_Story], PersonId | None],
    author_of: Callable[[str], PractitionerId],
) -> None:
    """Write down what each family wants help with, and next steps, in order."""
    agencies = {agency["code"]: agency["name"] for agency in told["agencies"]}
    names = {
        p["id"]: f"{p['name']}, {p['job_title']}, {agencies[p['agency']]}"
        for p in told["practitioners"]
    }
    for number, one in enumerate(told["support"]):
        person, author = person_of(one["subject"]), author_of(one["written_by"])
        if person is None:
            continue
        written = WrittenHere(names[one["written_by"]], one["written_at"], author)
        key_of = key_of_step if "who" in one else key_of_help
        key = key_of(person, author, f"{number:032d}", publishing.hasher)
        order = SaySupport(key, person, _said(one, written), None, "", f"practitioner:{author}")
        say_support(order, publishing=publishing)


def _said(one: Mapping[str, Any], written: WrittenHere) -> HelpWanted | NextStep:
    status, since = FactStatus(one.get("status", "planned")), one["written_at"][:10]
    if "who" in one:
        return NextStep(one["text"], one["who"], written, one["by"], None, status, since)
    return HelpWanted(one["text"], written, one.get("helper"), status, since)


# Beginning again.

_OURS = ("postgres", "keys", "logs", LOADED, "draining.lock", "serving.lock")


class DataFolderInUseError(ServiceError):
    """The data folder is being served; stop that first."""


def reset(data: Path) -> None:
    """Delete what this program keeps in the data folder, and nothing else in it.

    Raises DataFolderInUseError while it is served.
    """
    if not data.exists():
        return
    lock = ServingLock(data)
    if not lock.take():
        raise DataFolderInUseError("this data folder is being served; stop that first")
    lock.release()
    for name in _OURS:
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def is_loaded(data: Path) -> bool:
    """Whether the invented families are in this data folder."""
    return (data / LOADED).exists()


FOLDER = Path(__file__).parents[2] / "deploy" / "demo"
_ACTOR = "job:demonstration"
_A_YEAR = timedelta(days=365)


class DemonstrationRefusedError(ServiceError):
    """Invented people may not be loaded where the environment is production."""


def load_demonstration(application: Application) -> None:
    """Load the invented families once; a second call changes nothing.

    Files go through the connectors, decisions through the same use case as the pages, and what
    was withheld at first comes again by itself. Raises DemonstrationRefusedError in production.
    """
    if application.settings.environment == "production":
        raise DemonstrationRefusedError("the demonstration does not run in production")
    if is_loaded(application.settings.data):
        return
    told = json.loads((FOLDER / "demonstration.json").read_text())
    portal = application.outside(DatabaseRole.PORTAL)
    with unit_of_work(portal) as work:
        _enter_directory(told, work)
    connectors = application.outside(DatabaseRole.CONNECTORS)
    for source, folder in _folders():
        for _ in ingest(source, files_below([folder]), outside=connectors):
            pass
    with unit_of_work(portal) as work:
        if not work.decisions.any_recorded():
            _decide(told, work)
            _relate(told, work)
    drain(application)
    with unit_of_work(connectors) as work:
        _tell_stories(told, work)
        _tell_support(told, work)
    drain(application)
    with unit_of_work(portal) as work:
        _withdraw(told, work)
    drain(application)
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        load_services(FOLDER, work)
        load_community(FOLDER, work)
    load_connections(FOLDER, portal, _person_in, _worker_in)
    drain(application)
    (application.settings.data / LOADED).write_text("loaded\n")


def _folders() -> Iterator[tuple[Source, Path]]:
    """The sources of which there are invented files, in order, and where those are."""
    for row in ROWS:
        folder = FOLDER / "families" / row.command_word
        if row.read is not None and folder.is_dir():
            yield row.source, folder


def _enter_directory(told: Mapping[str, Any], work: UnitOfWork) -> None:
    for agency in told["agencies"]:
        named = (agency["code"], agency["name"], Source(agency["kind"]))
        work.directory.save_agency(Agency(*named, agency["telephone"], agency["hours"]))
    for person in told["practitioners"]:
        practitioner = _practitioner_id(person["id"], work)
        work.directory.save_practitioner(
            PractitionerEntry(
                id=practitioner,
                name=person["name"],
                role=Role(person["role"]),
                job_title=person["job_title"],
                agency_code=person["agency"],
                telephone=person["telephone"],
                worker_ref=person["worker_ref"],
                purpose=Purpose(person["default_purpose"]),
            )
        )
        if person["role"] in OPENS_FAMILY_RECORDS:
            lead = SafeguardingLead(person["agency"], practitioner, work.now, _ACTOR, _ACTOR)
            work.leads.add(lead)


def _decide(told: Mapping[str, Any], work: UnitOfWork) -> None:
    """Decisions and restrictions together, so that nobody is ever unprotected in between."""
    for decision in told["decisions"]:
        record_decision(_order(decision, work), deciding=work.operating())
    for restriction in told["restrictions"]:
        person = work.persons.resolve_or_create(_subject(restriction["subject"]), at=work.now)
        place_restriction(
            person,
            RestrictionScope(restriction["scope"]),
            [_practitioner_id(name, work) for name in restriction["allow"]],
            actor=_ACTOR,
            deciding=work.deciding(),
        )


def _relate(told: Mapping[str, Any], work: UnitOfWork) -> None:
    """Relationships that no source states; case-loads follow from what is read in."""
    warrant = Warrant(WarrantKind.DEMONSTRATION, _ACTOR)
    for told_one in told["relationships"]:
        practitioner = work.directory.practitioner(_practitioner_id(told_one["practitioner"], work))
        assert practitioner is not None  # noqa: S101 entered in the directory above
        person = work.persons.resolve_or_create(_subject(told_one["subject"]), at=work.now)
        work.relationships.add(
            [
                HeldRelationship(
                    id=str(entry_id_for("invented", practitioner.id, person, told_one["ground"])),
                    person=person,
                    agency=practitioner.agency_code,
                    practitioner=practitioner.id,
                    ground=RelationshipGround(told_one["ground"]),
                    since=work.now,
                    until=work.now + _A_YEAR,
                    warrant=warrant,
                    asked_by=_ACTOR,
                )
            ]
        )


def _order(decision: Mapping[str, Any], work: UnitOfWork) -> RecordDecision:
    decider = decision["decided_by"]
    until = decision.get("until")
    told = decision.get("told", {})
    return RecordDecision(
        subjects=tuple(_subject(subject) for subject in decision["subjects"]),
        response=Response(decision["response"]),
        categories=frozenset(Category(c) for c in decision["categories"]),
        purposes=frozenset(Purpose(p) for p in decision["purposes"]),
        basis=Basis(decision["basis"]),
        decided_by=Decider(DeciderKind(decider["kind"]), decider["reference"]),
        actor=_ACTOR,
        recipients=frozenset(f"agency:{kind}" for kind in decision["recipients"]),
        sources=frozenset(Source(s) for s in decision.get("sources") or ()),
        until=last_moment(date.fromisoformat(until[:10])) if until else None,
        because=RefusalReason(told["because"]) if "because" in told else None,
        article_9=Article9(told["article_9"]) if "article_9" in told else None,
        gateways=frozenset(Gateway(g) for g in told.get("gateways", ())),
        circumstances=_circumstances(told, work),
    )


def _circumstances(told: Mapping[str, Any], work: UnitOfWork) -> Circumstances:
    """How it was decided; a young person's competence is judged by somebody on the case."""
    judge = told.get("competence_judged_by")
    return Circumstances(
        channel=Channel(told["channel"]) if "channel" in told else None,
        interpreted_into=told.get("interpreter"),
        notice_version=told.get("notice_version"),
        competence=CompetenceJudgement.of(
            frozenset(CompetenceQuestion),
            judged_by=_practitioner_id(judge, work),
            judged_at=work.now,
        )
        if judge
        else None,
        parents_are_not_told=told.get("parents_not_told", False),
    )


def _tell_stories(told: Mapping[str, Any], work: UnitOfWork) -> None:
    tell_stories(
        told,
        publishing=work.publishing(Source.FAMILY_HUB, None),
        person_of=_person_in(work),
        actor_of=lambda name: f"practitioner:{_practitioner_id(name, work)}",
    )


def _tell_support(told: Mapping[str, Any], work: UnitOfWork) -> None:
    tell_support(
        told,
        publishing=work.publishing(Source.FAMILY_HUB, None),
        person_of=_person_in(work),
        author_of=_worker_in(work),
    )


def _withdraw(told: Mapping[str, Any], work: UnitOfWork) -> None:
    """The family that changed its mind: what was permitted is taken back."""
    for decision in told["decisions"]:
        if decision["withdraw"]:
            person = _person_in(work)(decision["subjects"][0])
            assert person is not None  # noqa: S101 a decision about them was recorded above
            for found in work.decisions.on_record([person])[person].decisions:
                if found.withdrawn_at is None:
                    withdraw_decision(found.id, actor=_ACTOR, deciding=work.operating())


def _person_in(work: UnitOfWork) -> Callable[[Mapping[str, Any]], PersonId | None]:
    return lambda told: work.persons.resolve([_subject(told)])[0].person


def _worker_in(work: UnitOfWork) -> Callable[[str], PractitionerId]:
    return lambda name: _practitioner_id(name, work)


def _subject(told: Mapping[str, Any]) -> Subject:
    identifier = identifier_of(IdentifierScheme(told["scheme"]), told["value"])
    return Subject("subject", (identifier,), Demographics(date_of_birth=told.get("date_of_birth")))


def _practitioner_id(name: str, work: UnitOfWork) -> PractitionerId:
    return PractitionerId(work.hasher.opaque("practitioner", name)[:32])
