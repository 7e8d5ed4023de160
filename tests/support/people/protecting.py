"""People of three agencies around one child, and what they do to protect it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from consent.decisions.restrictions import Change
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.decisions.protection import changing, ending, excluding, restricting
from services.decisions.protection.excluding import NameExcluded
from services.decisions.protection.hands import Hand
from services.people.governance.orders import Order
from services.people.governance.queue import ItemKind
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.protecting.postgres import RecordedExclusion
from services.work import UnitOfWork, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess, by_number
from tests.support.people.relating import relate

COUNCIL = "999"
NURSE = PractitionerId("9a" * 16)
WORKER = PractitionerId("9b" * 16)
GOVERNANCE = PractitionerId("9f" * 16)
STRANGER = PractitionerId("9e" * 16)
NAMES = {
    VISITOR: "Amara Okafor",
    TEACHER: "Tom Bartlett",
    NURSE: "Jo Byrne",
    WORKER: "Ruth Vane",
    GOVERNANCE: "Gil Marsh",
    STRANGER: "Sam Stone",
}
_AGENCIES = {VISITOR: AGENCY, NURSE: AGENCY, STRANGER: AGENCY, TEACHER: SCHOOL}
HOLDERS = frozenset({VISITOR, NURSE, TEACHER})
"""Who has the child on their case-load: of two agencies."""
_CHILD = by_number("9990000018")
PERSON, LOCATION = RestrictionScope.PERSON, RestrictionScope.LOCATION


@dataclass(slots=True)
class Protecting:
    """One child, with whom three work; of information governance somebody, of the council."""

    running: InProcess
    child: PersonId

    @classmethod
    def known(cls, running: InProcess) -> Self:
        """Enter everybody."""
        with unit_of_work(running.outside) as work:
            work.directory.save_agency(Agency(COUNCIL, "Council", Source.SOCIAL_CARE, None))
            for one, name in NAMES.items():
                role = Role.INFORMATION_GOVERNANCE if one == GOVERNANCE else Role.PRACTITIONER
                enter(work, one, name, role, _AGENCIES.get(one, COUNCIL))
        with unit_of_work(running.portal) as work:
            child = work.persons.resolve_or_create(_CHILD, at=work.now)
            for one in HOLDERS:
                relate(work, one, child, since=work.now - timedelta(days=1))
        return cls(running, child)

    @classmethod
    def in_a_copy(cls, running: InProcess) -> Self:
        """Give the same people in a copy of the database that they were entered in."""
        child = running.person(_CHILD)
        assert child is not None
        return cls(running, child)

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """One transaction with the portal's rights."""
        with unit_of_work(self.running.portal) as found:
            yield found

    def place(
        self, by: PractitionerId = VISITOR, scope: RestrictionScope = PERSON
    ) -> Restriction | restricting.RestrictionRefused:
        """Place a restriction of the child."""
        with self.work() as work:
            ports = work.restricting()
            return restricting.place(self.child, scope, hand(work, by), restricting=ports)

    def placed(self) -> Restriction:
        """Place one that has to be."""
        found = self.place()
        assert isinstance(found, Restriction)
        return found

    def ask(self, of: Restriction, by: PractitionerId, change: Change) -> Order | restricting.Why:
        """Ask for a change of it."""
        with self.work() as work:
            ports = work.restricting()
            return changing.ask_change(of.id, change, hand(work, by), restricting=ports)

    def confirm(
        self, order: Order | restricting.Why, by: PractitionerId
    ) -> Order | restricting.Why:
        """Be the second hand of one that was asked."""
        assert isinstance(order, Order), order
        with self.work() as work:
            ports = work.restricting()
            who = hand(work, by)
            return changing.answer_change(order.id, who, confirms=True, restricting=ports)

    def stands(self) -> Restriction | None:
        """The child's restriction in force, if there is one."""
        with self.work() as work:
            found = work.decisions.on_record([self.child])[self.child].restrictions
            return next((r for r in found if r.is_in_force(work.now)), None)

    def name(self, worker: PractitionerId | str, by: PractitionerId = NURSE) -> None:
        """Write down that the family has named somebody."""
        name = NAMES.get(PractitionerId(worker), worker)
        with self.work() as work:
            order = NameExcluded((self.child,), name)
            excluding.record(order, hand(work, by), excluding=work.excluding())

    def exclusions(self, by: PractitionerId = GOVERNANCE) -> list[RecordedExclusion]:
        """Those that somebody is told of."""
        with self.work() as work:
            ports = work.excluding()
            return list(excluding.exclusions_told([], hand(work, by), excluding=ports))

    def confirm_exclusion(
        self, one: RecordedExclusion, by: PractitionerId
    ) -> RecordedExclusion | excluding.ExclusionRefused:
        """Say that the family was asked."""
        with self.work() as work:
            return excluding.confirm(one.id, hand(work, by), excluding=work.excluding())

    def ask_end(
        self, one: RecordedExclusion, by: PractitionerId, *, was_asked: bool = True
    ) -> Order | ending.Why:
        """Ask that it ends."""
        with self.work() as work:
            ports, who = work.excluding(), hand(work, by)
            return ending.ask_end(one.id, who, family_was_asked=was_asked, excluding=ports)

    def answer(self, order: Order | ending.Why, by: PractitionerId) -> Order | ending.Why:
        """Be the second hand of an end, or of a fourth name."""
        assert isinstance(order, Order), order
        with self.work() as work:
            ports, who = work.excluding(), hand(work, by)
            return ending.answer(order.id, who, confirms=True, excluding=ports)

    def sees(self, who: PractitionerId) -> bool:
        """Whether they may open the child now."""
        with self.work() as work:
            found = work.relationships.may_open(who, [self.child])[self.child]
        return bool(found.relationships) and not found.is_restricted

    def items(self, kind: ItemKind) -> int:
        """How many of these governance has to look at."""
        with self.work() as work:
            return sum(item.kind is kind for item in work.queue.waiting(most=100))


def hand(work: UnitOfWork, one: PractitionerId) -> Hand:
    """Somebody who signed in themselves."""
    who = work.directory.practitioner(one)
    assert who is not None
    return Hand.of(who)


def enter(work: UnitOfWork, one: PractitionerId, name: str, role: Role, agency: str) -> None:
    """Put somebody in the directory."""
    purpose = Purpose.DIRECT_CARE
    work.directory.save_practitioner(
        PractitionerEntry(one, name, role, "Worker", agency, None, None, purpose)
    )
