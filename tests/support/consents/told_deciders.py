"""Messages that tell who may decide, and what is then held of it."""

from datetime import date
from typing import Any

from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import (
    DeciderFacts,
    SubjectFacts,
    check_decider,
)
from consent.model import Decider, Response
from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage
from schemas.records.payloads import (
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Source
from services.work import unit_of_work
from tests.support.builders import NOW
from tests.support.consents.deciding_world import an_order
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.fakes.in_process import SCHOOL as SCHOOL_CODE
from tests.support.messages.source_messages import (
    a_message,
    a_record,
    the_child,
)

FATHER = Relationship(RelationshipKind.FATHER, "Mr Ambrose Quillfeather", has_responsibility=True)
HEALTH = NamedAgency(Source.HEALTH_VISITING, AGENCY)
SCHOOL = NamedAgency(Source.SCHOOLS, SCHOOL_CODE)
LATER, LAST = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
BORN = HeldBirth(date(2024, 5, 3), SCHOOL)


def known(running: InProcess) -> PersonId:
    """Make the child somebody of whom nothing may be shared."""
    recorded = running.decide(the_child(), response=Response.REFUSED)
    (person,) = recorded.decision.subjects
    return person


def a_contact(payload: Relationship = FATHER, source_id: str = "contact", **more: Any) -> Record:
    """Build what a source says of a relative of the child."""
    return a_record(source_id, payload, Category.FAMILY_AND_HOUSEHOLD, **more)


def told(*records: Record, **more: Any) -> SourceMessage:
    """Build a school's message."""
    return a_message("m1", *records, **({"source": Source.SCHOOLS} | more))


def held(running: InProcess, *persons: PersonId) -> SubjectFacts:
    """What is held of one person, or of the first of several."""
    return of(running, *persons).about[0]


def of(running: InProcess, *persons: PersonId) -> DeciderFacts:
    """What the portal reads when somebody decides."""
    with unit_of_work(running.portal) as work:
        return work.decider_facts.of(persons)


def named(running: InProcess, name: str, *persons: PersonId) -> Decider:
    """Whom a recorder means who types this name."""
    with unit_of_work(running.portal) as work:
        return work.decider_facts.decider_named(name, persons)


def asked(decider: Decider, facts: DeciderFacts, at: NamedAgency | None) -> str | None:
    """Why this decider of the child may not decide at once, when recorded there; None if so."""
    order = an_order(subjects=(the_child(),), decided_by=decider, actor="job:test")
    return check_decider(order, facts, recorder_agency=at, now=NOW).reason
