"""A year of families and services, made up from a seed: everything that answers depend on changes.

Decisions are recorded, dated back, withdrawn, replaced and found invalid; relationships begin and
end; people move, lead, cover; agreements follow one another; children are restricted, and families
name whom they do not want to see them. Between all that, families are read.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from consent.circumstances import InvalidationReason
from consent.decisions.changing import invalidate_decision, withdraw_decision
from consent.errors import ConsentError
from consent.lawfulness import Basis
from consent.ledger import entry_id_for
from consent.model import RelationshipGround, Response, Restriction, RestrictionScope
from consent.question import OPENS_WHAT_IS_PERMITTED
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Purpose, Role, Source
from services.people.linking.joins import next_state
from services.people.linking.ports import Join
from services.people.persons.clusters import JoinStanding
from services.people.practitioners.people import SignedInPractitioner
from services.people.protecting.postgres import RecordedExclusion
from services.people.relationships.model import Cover, HeldRelationship, Warrant, WarrantKind
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import UnitOfWork, unit_of_work
from tests.support.builders import (
    BOTH_HANDS,
    DAY,
    FATHER,
    MOTHER,
    SOCIAL_WORKER,
    TEACHER,
    VISITOR,
    a_rule,
    an_agreement,
)
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess, by_number
from tests.support.messages.source_messages import a_message, a_record
from tests.support.people.relating import a_colleague, leads, relate, works_as

_NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042")
_HELD = {
    Source.HEALTH_VISITING: (Category.CHILD_HEALTH, Category.COMMUNICATION_NEEDS),
    Source.SCHOOLS: (Category.EDUCATION, Category.IDENTITY_AND_CONTACT),
}
_PURPOSES = (Purpose.DIRECT_CARE, Purpose.EARLY_HELP)
_GROUNDS = (*sorted(OPENS_WHAT_IS_PERMITTED), RelationshipGround.COVER)
_RECIPIENTS = ((), (), ("agency:schools",), ("agency:health-visiting",), ("role:practitioner",))
_YEAR = timedelta(days=365)
ACTOR = "job:test"


@dataclass
class GeneratedYear:
    """What happens, one after another, each at a moment of its own."""

    running: InProcess
    clock: StandingClock
    random: Random
    disclosures: int
    children: list[PersonId] = field(default_factory=list)
    workers: list[PractitionerId] = field(default_factory=list)
    decisions: list[DecisionId] = field(default_factory=list)
    agreements: int = 0
    covers: list[Cover] = field(default_factory=list)
    restriction: Restriction | None = None
    join: Join | None = None

    def begin(self) -> None:
        """Store what is read in the year, and enter who works there."""
        for number in _NUMBERS:
            child = by_number(number)
            (person,) = self.running.decide(child, purposes=_PURPOSES).decision.subjects
            self.children.append(person)
            for source, categories in _HELD.items():
                records = [a_record(f"{source}{n}", category=c) for n, c in enumerate(categories)]
                self.running.receive(
                    a_message(f"{source}{number}", *records, subjects=(child,), source=source)
                )
        self.running.settle()
        with unit_of_work(self.running.portal) as work:
            more = [a_colleague(work, agency) for agency in (AGENCY, SCHOOL) * 2]
            self.workers = [VISITOR, TEACHER, *more]
        self._with_work(self._give_to_agencies)
        for worker in self.workers:
            self._with_work(lambda work, who=worker: relate(work, who, self._child()))

    def _give_to_agencies(self, work: UnitOfWork) -> None:
        """A case of each agency for which nobody is named: its leads hold it."""
        for child, agency in zip(self.children, (AGENCY, SCHOOL), strict=False):
            work.relationships.add(
                [
                    HeldRelationship(
                        str(entry_id_for("case of an agency", child)),
                        child,
                        agency,
                        None,
                        RelationshipGround.CASE_LOAD,
                        work.now,
                        None,
                        Warrant(WarrantKind.DEMONSTRATION, ACTOR),
                        ACTOR,
                    )
                ]
            )

    def live(self) -> None:
        """Let the year go by: at each moment something changes, or a family is read."""
        step = _YEAR / (self.disclosures + 1)
        likely = min(_LIKELY, _MOST_CHANGES / self.disclosures)
        for _ in range(self.disclosures):
            self.clock.pass_by(step / 2)
            if self.random.random() < likely:
                self._change()
            self.clock.pass_by(step / 2)
            self._read()

    def _change(self) -> None:
        changes: Sequence[Callable[[], None]] = (
            *([self._decide] * 5),
            self._invalidate,
            *(self._withdraw, self._withdraw),
            *(self._begin_relationship, self._begin_relationship, self._end_relationship),
            *(self._move, self._lead, self._lead, self._cover, self._cover, self._cover),
            *(self._protect, self._protect, self._exclude, self._join),
            self._agree,
        )
        with suppress(ConsentError):  # what may not be done changes nothing
            self.random.choice(changes)()

    def _decide(self) -> None:
        response = self.random.choice((*[Response.GIVEN] * 4, Response.REFUSED, Response.OBJECTED))
        is_public = response is Response.OBJECTED or self.random.random() < _PUBLIC
        is_given = response is Response.GIVEN
        decider = SOCIAL_WORKER if is_public and is_given else self.random.choice((MOTHER, FATHER))
        back = self.random.choice((None, None, 1, 20))
        known = self.random.choice(self.decisions) if self.decisions else None
        recorded = self.running.decide(
            self._child(),
            response=response,
            categories=self.random.sample(list(Category), self.random.randint(3, 8)),
            purposes=self.random.sample(_PURPOSES, self.random.randint(1, 2)),
            basis=Basis.PUBLIC_TASK if is_public else Basis.CONSENT,
            decided_by=decider,
            recipients=frozenset(self.random.choice(_RECIPIENTS)),
            until=self.random.choice((None, None, self.clock.now() + 40 * DAY)),
            decided_at=None if back is None else self.clock.now() - back * DAY,
            supersedes=known if self.random.random() < _REPLACES else None,
        )
        self.decisions.append(recorded.decision.id)

    def _withdraw(self) -> None:
        with unit_of_work(self.running.portal) as work:
            withdraw_decision(self._decision(), actor=ACTOR, deciding=work.deciding(BOTH_HANDS))

    def _invalidate(self) -> None:
        with unit_of_work(self.running.portal) as work:
            invalidate_decision(
                self._decision(),
                InvalidationReason.WRONG_PERSON,
                actor=ACTOR,
                deciding=work.deciding(BOTH_HANDS),
            )

    def _begin_relationship(self) -> None:
        ground, days = self.random.choice(_GROUNDS), self.random.choice((None, 30, 90))
        until = None if days is None else self.clock.now() + days * DAY
        who, child = self._worker(), self._child()
        self._with_work(lambda work: relate(work, who, child, ground, until=until))

    def _end_relationship(self) -> None:
        who, child, now = self._worker(), self._child(), self.clock.now()
        ground = self.random.choice(_GROUNDS)
        self._with_work(lambda work: relate(work, who, child, ground, since=now - DAY, until=now))

    def _move(self) -> None:
        who = self._worker()
        role = self.random.choice((*sorted(OPENS_FAMILY_RECORDS), Role.SERVICE_MANAGER))
        agency = self.random.choice((AGENCY, SCHOOL))
        self._with_work(lambda work: works_as(work, who, role=role, agency=agency))

    def _lead(self) -> None:
        who = self._worker()

        def change(work: UnitOfWork) -> None:
            at = work.directory.practitioner(who)
            lead = None if at is None else work.leads.find(at.agency_code, who)
            if lead is None:
                leads(work, who)
            else:
                until = None if lead.until is not None else work.now
                work.leads.add(replace(lead, until=until, state=lead.state + 1))

        self._with_work(change)

    def _cover(self) -> None:
        """Let one stand in for another, or let somebody who does do so no more."""
        standing = [one for one in self.covers if one.until > self.clock.now()]
        if standing and self.random.random() < _OWN / 2:
            over = self.random.choice(standing)
            self.covers.remove(over)
            now = self.clock.now()
            ended = replace(over, until=now, state=over.state + 1)
            self._with_work(lambda work: work.requests.add_cover(ended, at=now))
            return
        covered, covering = self.random.sample(self.workers, 2)
        is_student = self.random.random() < _STUDENTS
        number, now = str(self.random.getrandbits(64)), self.clock.now()

        def write(work: UnitOfWork) -> None:
            who = work.directory.practitioner(covering)
            agency = AGENCY if who is None else who.agency_code
            span = (now - 3 * DAY, now + self.random.randint(1, 30) * DAY)  # written late
            cover_id = str(entry_id_for("cover of a year", number))
            cover = Cover(cover_id, agency, covered, covering, *span, ACTOR, is_student)
            work.requests.add_cover(cover, at=now)
            self.covers.append(cover)

        self._with_work(write)

    def _protect(self) -> None:
        """Hide a child from all but some, or lift what hides one."""
        standing, now = self.restriction, self.clock.now()
        if standing is None:
            allowed = frozenset(self.random.sample(self.workers, len(self.workers) // 2))
            made = (self._new_id(), self._child(), RestrictionScope.PERSON, allowed, now)
            changed = self.restriction = Restriction(*made)
        else:
            changed, self.restriction = replace(standing, lifted_at=now), None
        self._with_work(lambda work: work.protection.write(changed, actor=ACTOR))

    def _exclude(self) -> None:
        """Name a worker who must not see a child for some weeks from now on."""
        now, number = self.clock.now(), self._new_id()
        until = now + self.random.randint(5, 40) * DAY
        named = RecordedExclusion(
            number, self._child(), self._worker(), now, b"sealed", number, ACTOR, until
        )
        self._with_work(lambda work: work.protection.write_exclusions([named], actor=ACTOR))

    def _join(self) -> None:
        """Say by one hand or by two that two children are one, or that they are two after all."""
        standing, now = self.join, self.clock.now()
        if standing is None:
            one, other = self.random.sample(self.children, 2)
            says = self.random.choice((JoinStanding.CLAIMED, JoinStanding.WARRANTED))
            whom = (self._new_id(), one, other)
            changed = Join(*whom, ACTOR, now, standing=says, said_by=ACTOR, said_at=now)
            self.join = changed
        else:
            changed, self.join = next_state(standing, JoinStanding.PARTED, ACTOR, now), None
        self._with_work(lambda work: work.joining().joins.save(changed))

    def _new_id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _agree(self) -> None:
        self.agreements += 1
        left_out = self.random.sample(list(Category), self.random.randint(0, 3))
        rule = a_rule(categories=[c for c in Category if c not in left_out])
        self.running.adopt(an_agreement(rule, version=f"generated-{self.agreements}"))

    def _read(self) -> None:
        who = self._worker()
        with unit_of_work(self.running.portal) as work:
            reader = work.directory.practitioner(who)
            if reader is not None:
                order = reading_order(reader, self._opened(work, reader), self._purpose())
                read_profile(order, reading=work.reading())

    def _opened(self, work: UnitOfWork, reader: SignedInPractitioner) -> PersonId:
        """Mostly one of their own: what is refused is no disclosure."""
        mine = [person for person, _ in work.relationships.of(reader.id, most=len(_NUMBERS))]
        return self.random.choice(mine) if mine and self.random.random() < _OWN else self._child()

    def _with_work(self, change: Callable[[UnitOfWork], object]) -> None:
        with unit_of_work(self.running.portal) as work:
            change(work)

    def _child(self) -> PersonId:
        return self.random.choice(self.children)

    def _worker(self) -> PractitionerId:
        return self.random.choice(self.workers)

    def _decision(self) -> DecisionId:
        return self.random.choice(self.decisions or [DecisionId("0" * 32)])

    def _purpose(self) -> Purpose:
        return self.random.choice(_PURPOSES)


_MOST_CHANGES = 1000
_LIKELY, _PUBLIC, _REPLACES, _STUDENTS, _OWN = 0.7, 0.3, 0.2, 0.3, 0.9


def held(child: PersonId) -> frozenset[tuple[PersonId, Category, Source]]:
    """The parts of a child's profile in which there is anything, all year long."""
    return frozenset((child, c, source) for source, categories in _HELD.items() for c in categories)
