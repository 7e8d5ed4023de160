"""Two who turn out to be one: the same child as health visiting and as a school know them."""

from dataclasses import replace

from consent.ledger import new_entry_id
from schemas.identifiers import Identifier, PersonId, upn_identifier
from schemas.records.message import Demographics, SourceMessage, Subject
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category, IdentifierScheme, IdentifierStatus, Source
from services.people.linking.joins import JoinPersons, KeepApart, join_persons
from services.people.linking.joins import keep_apart as keep_persons_apart
from services.people.linking.ports import Join, JoinRefusal, JoinWarrant, Pair
from services.people.linking.second_hands import ConfirmJoin, UndoJoin, confirm_join
from services.people.linking.second_hands import undo_join as undo_the_join
from services.people.persons.clusters import JoinStanding
from services.work import UnitOfWork, unit_of_work
from tests.support.builders import DAY
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import (
    A_REVIEW,
    A_VISITOR,
    a_message,
    a_record,
    the_child,
)

UPN = "T999200119011"
BY_UPN = Subject("child", (upn_identifier(UPN),), Demographics(date_of_birth="2024-05-03"))
BY_BOTH = replace(BY_UPN, identifiers=(*BY_UPN.identifiers, *the_child().identifiers))
STEWARD = "practitioner:" + "e0" * 16
SECOND_STEWARD = "practitioner:" + "e1" * 16
ERASE = "UPDATE person SET wrapped_key = NULL, key_destroyed_at = now() WHERE person_id = :person"
"""As whoever erased somebody leaves their row."""


def by_la_id(number: str) -> Subject:
    """Build somebody known to a local authority alone."""
    verified = Identifier(IdentifierScheme.LA_CHILD_ID, number, IdentifierStatus.VERIFIED)
    return Subject("child", (verified,), Demographics())


def from_the_visitor(message_id: str = "hv1") -> SourceMessage:
    """Build what health visiting says: details, a review, and that it works with the child."""
    return a_message(
        message_id,
        a_record("d", PersonDetails("Wren", ("Ava",)), Category.IDENTITY_AND_CONTACT),
        a_record("r"),
        a_record("w", A_VISITOR, Category.PRACTITIONERS),
    )


def from_the_school(message_id: str = "s1", *, subject: Subject = BY_UPN) -> SourceMessage:
    """Build what the school says: details and an assessment."""
    return a_message(
        message_id,
        a_record("p", PersonDetails("Wrenn", ("Ava",)), Category.IDENTITY_AND_CONTACT),
        a_record("e", A_REVIEW, Category.EDUCATION),
        subjects=(subject,),
        source=Source.SCHOOLS,
    )


def two_children(running: InProcess) -> tuple[PersonId, PersonId]:
    """Let both sources tell of their child, a day apart, as their family permits."""
    (visited,) = running.decide(the_child()).decision.subjects
    running.outside.clock.pass_by(DAY)  # type: ignore[attr-defined] # the standing clock
    (taught,) = running.decide(BY_UPN).decision.subjects
    running.receive(from_the_visitor())
    running.receive(from_the_school())
    running.settle()
    return visited, taught


def join(
    running: InProcess, one: PersonId, other: PersonId, *, although_apart: bool = False
) -> Join | JoinRefusal:
    """Say that two persons are one, as a steward."""
    order = JoinPersons(one, other, STEWARD, ("steward",), although_apart=although_apart)
    with unit_of_work(running.portal) as work:
        return join_persons(order, joining=work.joining())


def confirm(
    running: InProcess, made: Join, *, by: str = SECOND_STEWARD, settle: bool = True
) -> Join | JoinRefusal:
    """Say so too, as another steward, and let everybody look again."""
    with unit_of_work(running.portal) as work:
        found = confirm_join(ConfirmJoin(made.id, by), joining=work.joining())
    if settle:
        running.settle()
    return found


def make_one(work: UnitOfWork, kept: PersonId, joined: PersonId) -> Join:
    """Write down that two are one, whatever speaks against it."""
    made = Join(
        id=str(new_entry_id(work.now)),
        kept=kept,
        joined=joined,
        made_by=STEWARD,
        made_at=work.now,
        standing=JoinStanding.WARRANTED,
        warrant=JoinWarrant.SECOND_STEWARD,
        warranted_at=work.now,
        said_by=SECOND_STEWARD,
        said_at=work.now,
    )
    work.joining().joins.save(made)
    return made


def joined(running: InProcess, one: PersonId, other: PersonId) -> Join:
    """Join two persons whom nothing forbids to join, by two hands; let everybody look again."""
    made = join(running, one, other)
    assert isinstance(made, Join), made
    found = confirm(running, made)
    assert isinstance(found, Join), found
    return found


def undo(
    running: InProcess, made: Join, *, by: str = STEWARD, settle: bool = True
) -> Join | JoinRefusal:
    """Undo a join, as a steward, and let everybody look again."""
    with unit_of_work(running.portal) as work:
        found = undo_the_join(UndoJoin(made.id, by), joining=work.joining())
    if settle:
        running.settle()
    return found


def keep_apart(running: InProcess, one: PersonId, other: PersonId) -> Pair | JoinRefusal:
    """Say that two are two, as a steward."""
    with unit_of_work(running.portal) as work:
        return keep_persons_apart(KeepApart(one, other, STEWARD), joining=work.joining())
