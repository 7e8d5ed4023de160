"""Invented families, brought in through the connectors like anybody's (never in production)."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    RefusalReason,
)
from consent.handlers import (
    RecordDecision,
    place_restriction,
    record_decision,
    withdraw_decision,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    RelationshipGround,
    Response,
    RestrictionScope,
)
from schemas.identifiers import PractitionerId
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Role, Source
from services.adapters.directory import Agency, PractitionerEntry
from services.adapters.subjects import identifier_of
from services.adapters.unit_of_work import UnitOfWork, unit_of_work
from services.bootstrap import Application, DatabaseRole
from services.demonstrated_stories import tell_stories
from services.errors import ServiceError
from services.workers.draining import drain
from services.workers.ingesting import files_below, ingest
from services.workers.resetting import LOADED, is_loaded

FOLDER = Path(__file__).parent.parent / "deploy" / "demo"
_ACTOR = "job:demonstration"
_SOURCES = (Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)


class UnsafeDemonstrationError(ServiceError):
    """Invented people may not be loaded where the environment is production."""


def load_demonstration(application: Application) -> None:
    """Load the invented families once; a second call changes nothing.

    Files go through the connectors, decisions through the same use case as the pages, and what
    was withheld at first comes again by itself. Raises UnsafeDemonstrationError in production.
    """
    if application.settings.environment == "production":
        raise UnsafeDemonstrationError("the demonstration does not run in production")
    if is_loaded(application.settings.data):
        return
    told = json.loads((FOLDER / "demonstration.json").read_text())
    portal = application.outside(DatabaseRole.PORTAL)
    with unit_of_work(portal) as work:
        _enter_directory(told, work)
    connectors = application.outside(DatabaseRole.CONNECTORS)
    for source in _SOURCES:
        files = files_below([FOLDER / "families" / source.value])
        for _ in ingest(source, files, outside=connectors):
            pass
    with unit_of_work(portal) as work:
        if not work.decisions.any_recorded():
            _decide(told, work)
            _relate(told, work)
    drain(application)
    with unit_of_work(connectors) as work:
        _tell_stories(told, work)
    drain(application)
    with unit_of_work(portal) as work:
        _withdraw(told, work)
    drain(application)
    (application.settings.data / LOADED).write_text("loaded\n")


def _enter_directory(told: Mapping[str, Any], work: UnitOfWork) -> None:
    for agency in told["agencies"]:
        work.directory.save_agency(
            Agency(agency["code"], agency["name"], Source(agency["kind"]), agency["telephone"])
        )
    for person in told["practitioners"]:
        work.directory.save_practitioner(
            PractitionerEntry(
                id=_practitioner_id(person["id"], work),
                name=person["name"],
                role=Role(person["role"]),
                job_title=person["job_title"],
                agency_code=person["agency"],
                telephone=person["telephone"],
                worker_ref=person["worker_ref"],
                purpose=Purpose(person["default_purpose"]),
            )
        )


def _decide(told: Mapping[str, Any], work: UnitOfWork) -> None:
    """Decisions and restrictions together, so that nobody is ever unprotected in between."""
    for decision in told["decisions"]:
        record_decision(_order(decision, work), deciding=work.deciding())
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
    """Relationships that no source states; case-loads follow from the records themselves."""
    for told_one in told["relationships"]:
        work.case_loads.seed(
            LegitimateRelationship(
                _practitioner_id(told_one["practitioner"], work),
                work.persons.resolve_or_create(_subject(told_one["subject"]), at=work.now),
                RelationshipGround(told_one["ground"]),
                work.now,
            )
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
        until=_until(until) if until else None,
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


def _until(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text[:10]), time(23, 59, 59), tzinfo=UTC)


def _tell_stories(told: Mapping[str, Any], work: UnitOfWork) -> None:
    tell_stories(
        told,
        publishing=work.publishing(Source.FAMILY_HUB, None),
        person_of=lambda subject: work.persons.resolve([_subject(subject)])[0].person,
        actor_of=lambda name: f"practitioner:{_practitioner_id(name, work)}",
    )


def _withdraw(told: Mapping[str, Any], work: UnitOfWork) -> None:
    """The family that changed its mind: what was permitted is taken back."""
    for decision in told["decisions"]:
        if decision["withdraw"]:
            person = work.persons.resolve([_subject(decision["subjects"][0])])[0].person
            assert person is not None  # noqa: S101 a decision about them was recorded above
            for found in work.decisions.on_record([person])[person].decisions:
                if found.withdrawn_at is None:
                    withdraw_decision(found.id, actor=_ACTOR, deciding=work.deciding())


def _subject(told: Mapping[str, Any]) -> Subject:
    identifier = identifier_of(IdentifierScheme(told["scheme"]), told["value"])
    return Subject("subject", (identifier,), Demographics(date_of_birth=told.get("date_of_birth")))


def _practitioner_id(name: str, work: UnitOfWork) -> PractitionerId:
    return PractitionerId(work.hasher.opaque("practitioner", name)[:32])
