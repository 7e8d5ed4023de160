"""A trust with a worker who looks, and the council's auditors who ask about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.audit.asked import Auditor
from services.audit.index.postgres_catching_up import catch_up
from services.audit.postgres_answers import Auditing
from services.ledger.bound_tables import BOUND
from services.ledger.postgres_tree import integrate
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.messages.ports import MessageChannel
from services.work import Outside, UnitOfWork, unit_of_work
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.people.relating import a_colleague

COUNCIL = "E06"
OPERATOR = Auditor("operator:auditor")
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class AuditedTrust:
    """The trust: its child, its lead with a mobile telephone; and two auditors of the council."""

    running: InProcess
    clock: StandingClock
    child: PersonId
    lead: PractitionerId
    auditors: tuple[Auditor, Auditor]

    @property
    def portal(self) -> Outside:
        """The portal, from which messages can be sent."""
        return replace(self.running.portal, channels=frozenset({MessageChannel.SMS}))

    def ask(self, question: Callable[[Auditing], Given], by: Auditor = OPERATOR) -> Given:
        """Ask in a transaction of its own."""
        with unit_of_work(self.portal) as work:
            return question(Auditing(work, by))

    def index(self) -> None:
        """Give new entries their place, and index them, as the relay does."""
        with unit_of_work(self.running.relay) as work:
            integrate(work.connection, signer=SIGNER)
        catch_up(self.running.relay.engine)


def an_audited_trust(running: InProcess, clock: StandingClock) -> AuditedTrust:
    """Bind what is there, so that histories begin now, and store something of a child."""
    with unit_of_work(running.outside) as work:
        work.bound.bind_what_was_there(BOUND)
    (child,) = running.decide(the_child()).decision.subjects
    running.receive(a_message("m1", a_record("r1")))
    running.settle()
    with unit_of_work(running.portal) as work:
        work.directory.save_agency(Agency(COUNCIL, "Council", Source.SOCIAL_CARE, None))
        lead = _lead(work)
        officers = [
            a_colleague(work, COUNCIL, role=Role.INFORMATION_GOVERNANCE, name=name)
            for name in ("Ruth Adeyemi", "Marta Silva")
        ]
    one, other = (
        Auditor(f"practitioner:{who}", Role.INFORMATION_GOVERNANCE, COUNCIL) for who in officers
    )
    return AuditedTrust(running, clock, child, lead, (one, other))


def _lead(work: UnitOfWork) -> PractitionerId:
    lead = PractitionerId("be" * 16)
    work.directory.save_practitioner(
        PractitionerEntry(
            lead,
            "Lena Ashby",
            Role.LEAD_PRACTITIONER,
            "Lead",
            AGENCY,
            "07700 900123",
            None,
            Purpose.DIRECT_CARE,
        )
    )
    return lead
