"""One transaction behind a page, and what every page's transaction may need."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from consent.ledger import FieldValue, ledger_entry
from consent.ledger_events import LedgerEvent
from consent.model import RestrictionScope, SharingDecision
from schemas.identifiers import PersonId, PractitionerId
from services.adapters.portal_orders import NOBODY, reading_order
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.aggregation.profile import ProfileRefused
from services.aggregation.reading import refuse
from services.aggregation.viewing import Viewing, view_family
from services.errors import ServiceUnavailableError
from services.portal.errors import ServiceUnavailableError as PageUnavailableError
from services.portal.people import SignedInPractitioner


class PortalWork:
    """Opens the transactions of one part of the pages' services."""

    def __init__(self, outside: Outside, *, demonstration: bool) -> None:
        self._outside = outside
        self._demonstration = demonstration

    @contextmanager
    def _work(self) -> Iterator[UnitOfWork]:
        try:
            with unit_of_work(self._outside) as work:
                yield work
        except ServiceUnavailableError as error:
            raise PageUnavailableError(str(error)) from error


def enter(
    work: UnitOfWork,
    who: PractitionerId,
    event: LedgerEvent,
    fields: dict[str, FieldValue] | None = None,
) -> None:
    """Enter in the ledger what the practitioner did."""
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=f"practitioner:{who}")])


def is_findable(person: PersonId, who: SignedInPractitioner, work: UnitOfWork) -> bool:
    """Whether the practitioner may find the person: a protected one only on the allow-list."""
    restrictions = work.decisions.on_record([person])[person].restrictions
    return not any(
        r.is_in_force(work.now) and r.scope is RestrictionScope.PERSON and who.id not in r.allowed
        for r in restrictions
    )


def refusal(
    who: SignedInPractitioner,
    persons: Collection[PersonId],
    work: UnitOfWork,
    *,
    one_is_enough: bool = False,
) -> ProfileRefused | None:
    """Why pages about these persons' decisions are closed to the practitioner, if they are.

    The same question as opening each of their profiles. To take back what was agreed, or to have
    it in writing, a family turns to whoever works with one of them: there `one_is_enough`. What
    could share more of somebody asks for a relationship with everybody. A refusal is in the
    ledger, as one of reading is, when the caller commits: about each who is closed.
    """
    closed = [
        (viewing, reasons)
        for viewing in (_viewing(who, person, work) for person in sorted(persons))
        if (reasons := viewing.refusal()) is not None
    ]
    if not closed or (one_is_enough and len(closed) < len(persons)):
        return None
    refused = [refuse(*one, looks=work.looks, ledger=work.ledger) for one in closed]
    return refused[0]


def refusal_of_decision(
    who: SignedInPractitioner,
    decision: SharingDecision | None,
    work: UnitOfWork,
    *,
    one_is_enough: bool,
) -> ProfileRefused | None:
    """Why a decision is closed to the practitioner; one that there is not is nobody's."""
    persons = {NOBODY} if decision is None else decision.subjects
    return refusal(who, persons, work, one_is_enough=one_is_enough)


def _viewing(who: SignedInPractitioner, person: PersonId, work: UnitOfWork) -> Viewing:
    viewing, _ = view_family(
        reading_order(who, person, who.purpose),
        at=work.now,
        records=work.records,
        decisions=work.decisions,
        case_loads=work.case_loads,
    )
    return viewing
