"""Making a report of everything held about one person: on the ledger before anybody has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from consent.deciding.decide import Answers
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import SharingDecision
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import LabelledCode, Purpose, Source
from services.intake.postgres_kept_back import HELD_FOR
from services.interfaces.subject_access.beside import beside_told
from services.interfaces.subject_access.held import (
    GivenTo,
    HeldDecision,
    HeldIdentifier,
    HeldRestriction,
    LookTaken,
    SubjectAccess,
)
from services.interfaces.subject_access.leaving_out import for_a_parent
from services.interfaces.subject_access.postgres import PostgresHoldings
from services.interfaces.subject_access.telling import (
    deciding_told,
    facts_told,
    own_labels_told,
    records_told,
    waiting_told,
)
from services.interfaces.subject_access.withholding import Withholding
from services.people.governance.reports import KIND
from services.profile.ports import Disclosure, Looks
from services.work import Outside, UnitOfWork

_GENERATIONS = 2
"""As far as a family is shown: whoever is within lives, or has lived, with somebody within."""


class WhyNoReport(LabelledCode):
    """Why there is no report."""

    ROLE = "role", "Only information governance makes this report."
    NOT_ORDERED = "not-ordered", "It takes two officers: ask for it first."
    NO_CONTACT = "no-contact", "No contact is held by which they could be told; none is taken."
    NOBODY = "nobody", "Nobody is known by this id."
    NO_COPY = "no-copy", "Nobody asked for this copy of them, or it was made already."


@dataclass(frozen=True, slots=True)
class MakeReport:
    """Order: everything held about this person, to be handed to them or to a parent.

    `actor` makes it, by the `order` of two; who is no `practitioner` is a system account. `agency`
    is what sort of agency the practitioner makes it for.
    """

    person: PersonId
    actor: str
    given_to: GivenTo
    order: str | None
    practitioner: PractitionerId | None = None
    agency: Source | None = None


@dataclass(frozen=True, slots=True)
class Reporting:
    """What a report is made with; every port joins one transaction."""

    holdings: PostgresHoldings
    looks: Looks
    ledger: Ledger
    clock: Clock


def reporting(work: UnitOfWork, outside: Outside) -> Reporting:
    """What reports are made with in this transaction; `outside` has to be the owner's."""
    return Reporting(PostgresHoldings(work), work.looks, work.ledger, outside.clock)


@dataclass(frozen=True, slots=True)
class ReportRefused:
    """There is no report, and why."""

    why: WhyNoReport


def make_report(command: MakeReport, *, reporting: Reporting) -> SubjectAccess | ReportRefused:
    """Everything held, or why not; to be handed over after the commit.

    It is a look for the purpose of subject access, and is listed among the looks from then on. A
    refusal is an answer, not an error (STYLE.md 12).
    """
    report = str(new_entry_id(reporting.clock.now()))
    known_by = reporting.holdings.known_by(command.person)
    if command.order is None:
        return refuse_report(command, WhyNoReport.NOT_ORDERED, reporting)
    if not known_by:
        return refuse_report(command, WhyNoReport.NOBODY, reporting)
    made = _made(replace(command, person=known_by[0]), report, known_by, reporting)
    if command.given_to is GivenTo.PARENT:
        made = for_a_parent(made)
    _enter_made(command, made, reporting)
    return made


def _made(
    command: MakeReport, report: str, known_by: tuple[PersonId, ...], reporting: Reporting
) -> SubjectAccess:
    holdings, person = reporting.holdings, command.person
    withholding = _withholding(command, reporting)
    return SubjectAccess(
        report=report,
        person=person,
        known_by=known_by,
        given_to=command.given_to,
        made_at=withholding.at,
        records=records_told(withholding, holdings),
        decisions=tuple(_decision(d, known_by, withholding) for d in holdings.decisions(person)),
        restrictions=_restrictions(withholding),
        identifiers=_identifiers(holdings.identifiers(person), withholding),
        looks=tuple(_look(look, withholding) for look in holdings.looks(person)),
        kept_back=tuple(holdings.kept_back(person)),
        is_erased=holdings.is_erased(person),
        facts=facts_told(withholding, holdings),
        own_labels=own_labels_told(withholding, holdings),
        deciding=deciding_told(withholding, holdings),
        beside=beside_told(holdings.beside(person), withholding),
        waiting=waiting_told(withholding, holdings) if _has_the_store(command) else (),
    )


def _has_the_store(command: MakeReport) -> bool:
    """What was not published, only the agency that has it may open."""
    return command.agency is HELD_FOR


def _withholding(command: MakeReport, reporting: Reporting) -> Withholding:
    """Who is near is asked of the ledger too: of somebody protected no record may be left."""
    holdings = reporting.holdings
    near = {command.person}
    for _ in range(_GENERATIONS):
        stored = {p for record in holdings.records.about(near) for p in record.persons}
        near |= stored | set(holdings.named_with(near))
    on_record = holdings.on_record(near)
    return Withholding(
        command.person,
        command.practitioner,
        command.given_to,
        reporting.clock.now(),
        on_record,
        Answers(on_record),
    )


def _decision(
    decision: SharingDecision, known_by: tuple[PersonId, ...], withholding: Withholding
) -> HeldDecision:
    withheld = withholding.of_decision(decision)
    if withheld is not None:
        return HeldDecision(None, withheld=withheld)
    told = withholding.with_who_took_it_back(decision)
    own = replace(told, subjects=frozenset({withholding.person}))
    return HeldDecision(own, others=len(decision.subjects.difference(known_by)))


def _restrictions(withholding: Withholding) -> tuple[HeldRestriction, ...]:
    found = withholding.on_record[withholding.person].restrictions
    withheld = withholding.of_restriction()
    placed = sorted(found, key=lambda r: (r.placed_at, r.id))
    return tuple(HeldRestriction(None if withheld else r, withheld) for r in placed)


def _identifiers(
    found: Sequence[HeldIdentifier], withholding: Withholding
) -> tuple[HeldIdentifier, ...]:
    withheld = withholding.of_identifiers()
    return tuple(replace(one, withheld=withheld) for one in found)


def _look(look: LookTaken, withholding: Withholding) -> LookTaken:
    withheld = withholding.of_look(look.purpose, look.categories, look.at)
    return replace(look, withheld=withheld)


def _enter_made(command: MakeReport, made: SubjectAccess, reporting: Reporting) -> None:
    shown = {r.category for r in made.records if r.record is not None}
    reporting.looks.save(
        Disclosure(
            disclosure=made.report,
            person=made.person,
            practitioner=command.practitioner or PractitionerId(command.actor),
            purpose=Purpose.SUBJECT_ACCESS,
            permitted=True,
            categories=tuple(sorted(shown)),
            at=made.made_at,
        )
    )
    counts: dict[str, FieldValue] = {"records": len(made.records), "withheld": made.withheld_count}
    _enter(LedgerEvent.REPORT_MADE, command, made.report, counts, reporting)


def refuse_report(command: MakeReport, why: WhyNoReport, reporting: Reporting) -> ReportRefused:
    """Enter that there is no report, and why."""
    report = str(new_entry_id(reporting.clock.now()))
    _enter(LedgerEvent.REPORT_REFUSED, command, report, {"reason": why}, reporting)
    return ReportRefused(why)


def _enter(
    event: LedgerEvent,
    command: MakeReport,
    report: str,
    more: dict[str, FieldValue],
    reporting: Reporting,
) -> None:
    named: dict[str, FieldValue] = {
        "report": report,
        "person": command.person,
        "kind": KIND,
        "given_to": command.given_to,
    }
    at = reporting.clock.now()
    entry = ledger_entry(event, named | more, at=at, actor=command.actor)
    reporting.ledger.append([entry])
