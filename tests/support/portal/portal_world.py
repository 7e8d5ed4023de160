"""A small invented world behind the pages: who signs in, which families there are."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from schemas.identifiers import PersonId
from schemas.vocabulary import IdentifierScheme, Role, Source
from services.people.practitioners.people import SignedInPractitioner, SubjectEntry
from services.portal.decisions.orders import DecisionForm
from services.portal.decisions.summaries import RecordedDecision
from services.portal.ports import PortalServices
from tests.support.fakes.fake_portal_services import FakePortalServices
from tests.support.portal.portal_builders import CHILD, a_practitioner, a_profile, the_wren_family

Services = TypeVar("Services", bound=PortalServices)

UNRELATED = PersonId("person-moss-01")
PROTECTED = PersonId("person-reed-01")


@dataclass(frozen=True, slots=True)
class PortalWorld(Generic[Services]):
    """Services, and the people in them that tests need by name.

    `practitioner` works with `child` only; nothing is decided about anybody yet. `unrelated` is
    known and nobody's; `protected` is restricted to nobody; `unknown` is in no record.
    """

    services: Services
    practitioner: SignedInPractitioner
    child: PersonId
    child_entry: SubjectEntry
    unrelated: PersonId
    unrelated_entry: SubjectEntry
    protected: PersonId
    protected_entry: SubjectEntry
    unknown: PersonId
    unknown_entry: SubjectEntry

    def record(self, form: DecisionForm) -> RecordedDecision:
        """Record a decision of the practitioner's own family, which nothing may refuse."""
        recorded = self.services.record_decision(self.practitioner, form)
        assert isinstance(recorded, RecordedDecision)
        return recorded


def an_nhs_number(number: str, born: date = date(2024, 5, 3)) -> SubjectEntry:
    """Write somebody on a form by NHS number."""
    return SubjectEntry(IdentifierScheme.NHS_NUMBER, number, born)


def a_fake_world() -> PortalWorld[FakePortalServices]:
    """Invent the world in memory."""
    practitioner = a_practitioner()
    others = (
        a_practitioner("Tom Ellis", agency=Source.SCHOOLS, job_title="Family support lead"),
        a_practitioner("Iris Vane", Role.INFORMATION_GOVERNANCE, job_title="Auditor"),
        a_practitioner("Ada Orr", Role.ADMINISTRATOR, job_title="Administrator"),
    )
    child, unrelated, protected, unknown = (
        an_nhs_number(number) for number in ("9990000018", "9990000026", "9990000034", "9990000042")
    )
    services = FakePortalServices(
        people=(practitioner, *others),
        profiles={
            CHILD: the_wren_family(),
            UNRELATED: a_profile(UNRELATED),
            PROTECTED: a_profile(PROTECTED),
        },
        known={child: CHILD, unrelated: UNRELATED, protected: PROTECTED},
        relationships={(practitioner.id, CHILD)},
        protected={PROTECTED},
    )
    return PortalWorld(
        services,
        practitioner,
        CHILD,
        child,
        UNRELATED,
        unrelated,
        PROTECTED,
        protected,
        PersonId("person-nobody-01"),
        unknown,
    )
