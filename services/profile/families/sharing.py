"""What is shared with which service: one answer of `decide` for each category and service.

A cell is what a worker of that service with a case-load would be shown, asked of the same `decide`
by which their page is made; that of one's own service is what oneself is shown. So the matrix and
the pages cannot differ. What lies behind a cell is told only as far as its reader may know of it:
an answer that rests on a decision of which they may not know reads as where nobody decided. Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from consent import AccessRequest, Decision, OnRecord, Practitioner, Reason
from consent.deciding.decide import Answers
from consent.model import LegitimateRelationship, RelationshipGround, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import SERVICES_HERE, Category, LabelledCode, Purpose, Role, Source
from services.profile.viewing import Viewing


class Shared(LabelledCode):
    """What a cell says."""

    SHARED = "shared", "Shared"
    OWN = "own", "Its own record"
    NOT_SHARED = "not-shared", "Not shared"
    REFUSED = "refused", "Family said no"
    DISAGREED = "disagreed", "Not shared"
    DUTY = "duty", "Law requires"
    WAITING = "waiting", "Waiting"


@dataclass(frozen=True, slots=True)
class Cell:
    """One category for one service: the word, of whose records it is shared, and on what it rests.

    `permitted` are the sources of which records of the category are shown. `because` are decisions
    of which the reader may know; `overridden` those of them that say yes and do not win.
    """

    category: Category
    service: Source
    word: Shared
    permitted: frozenset[Source]
    because: tuple[DecisionId, ...] = ()
    overridden: tuple[DecisionId, ...] = ()
    until: datetime | None = None


EVERYDAY = (Purpose.EARLY_HELP, Purpose.DIRECT_CARE, Purpose.SAFEGUARDING)
"""What workers of other services look for; oneself looks for what one looks for."""
_HOMES = {
    Category.CHILD_HEALTH: Source.HEALTH_VISITING,
    Category.EDUCATION: Source.SCHOOLS,
    Category.EARLY_HELP: Source.FAMILY_HUB,
    Category.SOCIAL_CARE: Source.SOCIAL_CARE,
    Category.SAFEGUARDING: Source.SOCIAL_CARE,
}
"""Whose own record a category is: they read it in their own system, whatever was decided."""
_A_WORKER = PractitionerId("0" * 32)
_NO_FROM_FAMILY = frozenset({Reason.REFUSED, Reason.WITHDRAWN, Reason.OBJECTED})


def sharing_matrix(viewing: Viewing) -> tuple[Cell, ...]:
    """Every cell of the person whom `viewing` opened, category by category."""
    asking = _CellAsking.of(viewing)
    return tuple(
        asking.cell(category, service) for category in Category for service in SERVICES_HERE
    )


@dataclass(frozen=True, slots=True)
class _CellAsking:
    """The same question to what is on record, and to what would be if something were otherwise."""

    viewing: Viewing
    now: Answers
    without_refusals: Answers
    if_confirmed: Answers
    decisions: Mapping[DecisionId, SharingDecision]

    @classmethod
    def of(cls, viewing: Viewing) -> "_CellAsking":
        record = viewing.on_record[viewing.command.person]
        given = [d for d in record.decisions if d.response is Response.GIVEN]
        confirmed = [replace(d, proposed=None) for d in record.decisions]
        return cls(
            viewing,
            Answers(viewing.on_record),
            _answers(viewing, replace(record, decisions=tuple(given))),
            _answers(viewing, replace(record, decisions=tuple(confirmed))),
            {d.id: d for d in record.decisions},
        )

    def cell(self, category: Category, service: Source) -> Cell:
        """What this category is to that service."""
        found = self._ask(self.now, category, service)
        permitted = frozenset(source for source, each in found.items() if _is_yes(each))
        overridden = () if permitted else self._overridden(category, service)
        word, because = self._word(category, service, found, permitted, overridden)
        ends = [end for d in because if (end := self.decisions[d].until) is not None]
        return Cell(
            category,
            service,
            word,
            permitted,
            because,
            overridden if word in (Shared.REFUSED, Shared.DISAGREED) else (),
            min(ends, default=None) if word is Shared.SHARED else None,
        )

    def _word(
        self,
        category: Category,
        service: Source,
        found: Mapping[Source, Sequence[Decision]],
        permitted: Collection[Source],
        overridden: tuple[DecisionId, ...],
    ) -> tuple[Shared, tuple[DecisionId, ...]]:
        if permitted:
            yes = [d for each in found.values() for d in each if d.is_permitted]
            because = self._told(yes)
            if not because and not self._is_own(service):
                return self._nobody_decided(category, service), ()
            is_duty = all(Reason.DUTY in d.reasons for d in yes)
            return Shared.DUTY if is_duty else self._or_own(category, service), because
        no = [d for each in found.values() for d in each]
        said_no = self._told([d for d in no if not _NO_FROM_FAMILY.isdisjoint(d.reasons)])
        if overridden and self._differ(said_no, overridden):
            return Shared.DISAGREED, ()
        if said_no:
            return Shared.REFUSED, said_no
        waiting = self._waiting(category, service)
        if waiting:
            return Shared.WAITING, waiting
        return self._nobody_decided(category, service), ()

    def _nobody_decided(self, category: Category, service: Source) -> Shared:
        return Shared.OWN if _HOMES.get(category) is service else Shared.NOT_SHARED

    def _or_own(self, category: Category, service: Source) -> Shared:
        return Shared.OWN if _HOMES.get(category) is service else Shared.SHARED

    def _told(self, answers: Sequence[Decision]) -> tuple[DecisionId, ...]:
        """The decisions on which these rest, as far as the reader may know of them."""
        ids = {d for answer in answers for d in answer.decided_from} & self.decisions.keys()
        return tuple(sorted(d for d in ids if self.viewing.may_know_of(self.decisions[d])))

    def _overridden(self, category: Category, service: Source) -> tuple[DecisionId, ...]:
        """The decisions that would share it, if nobody had said no."""
        return self._told(self._yes(self.without_refusals, category, service))

    def _waiting(self, category: Category, service: Source) -> tuple[DecisionId, ...]:
        return self._told(self._yes(self.if_confirmed, category, service))

    def _yes(self, answers: Answers, category: Category, service: Source) -> list[Decision]:
        found = self._ask(answers, category, service)
        return [d for each in found.values() for d in each if d.is_permitted]

    def _differ(self, said_no: Collection[DecisionId], said_yes: Collection[DecisionId]) -> bool:
        """Whether somebody else said no than who said yes: told, or because none is told."""
        no = {self.decisions[d].decided_by for d in said_no}
        yes = {self.decisions[d].decided_by for d in said_yes}
        return not no or not no <= yes

    def _is_own(self, service: Source) -> bool:
        return service.value == self.viewing.practitioner.agency

    def _ask(
        self, answers: Answers, category: Category, service: Source
    ) -> Mapping[Source, Sequence[Decision]]:
        """What is answered of each source's records, for each purpose that counts."""
        viewing = self.viewing
        own = self._is_own(service)
        worker = viewing.practitioner if own else _worker(service, viewing)
        purposes = (viewing.command.purpose,) if own else EVERYDAY
        about = (viewing.command.person,)
        asked = partial(AccessRequest, about, category, recipient=worker, at=viewing.at)
        return {
            source: [answers.to(asked(source=source, purpose=purpose)) for purpose in purposes]
            for source in Source
        }


def _is_yes(answers: Sequence[Decision]) -> bool:
    return any(answer.is_permitted for answer in answers)


def _answers(viewing: Viewing, record: OnRecord) -> Answers:
    return Answers({viewing.command.person: record})


def _worker(service: Source, viewing: Viewing) -> Practitioner:
    return a_worker_of(service, viewing.command.person, viewing.at)


def a_worker_of(service: Source, person: PersonId, at: datetime) -> Practitioner:
    """Anybody of that service whose case the person is, and whom no decision names."""
    works = LegitimateRelationship(_A_WORKER, person, RelationshipGround.CASE_LOAD, since=at)
    return Practitioner(_A_WORKER, Role.PRACTITIONER, service.value, (works,))
