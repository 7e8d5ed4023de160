"""What an act changes: what could be read before and what could be after, computed by asking.

Acts are judged by this and never by name (DESIGN.md section 16). Who may read what is asked of
`decide` for each group of subjects, categories, sources, purposes, modes and recipients that
anything on record tells apart, as if everybody had a case-load, now and at each later moment when
something begins or ends. What else stands above a decision is left out: a restriction may be lifted
and an agreement adopted later, and then a permission counts that one person recorded.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import product
from typing import TypeVar

from consent.agreement import AdoptedAgreement, Agency, Agreement, AgreementRule
from consent.deciding.decide import decide
from consent.deciding.record import CompiledRecord
from consent.deciding.standing import is_withdrawn
from consent.lawfulness import Basis
from consent.model import (
    Decider,
    DeciderKind,
    LegitimateRelationship,
    Mode,
    RelationshipGround,
    Response,
    SharingDecision,
)
from consent.question import AccessRequest, OnRecord, Practitioner
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Purpose, Role, Source

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_ANYBODY = PractitionerId("f" * 32)
"""Whoever no decision names."""
_CHILD = PersonId("f" * 32)
_EVERYTHING_AGREED = AdoptedAgreement(
    Agreement(
        "everything",
        "",
        date.min,
        date(9998, 12, 31),
        (AgreementRule(frozenset(Agency), frozenset(Category), frozenset(Purpose)),),
    ),
    _ALWAYS,
)
_PERMITTED_TO_ALL = SharingDecision(
    id=DecisionId("f" * 32),
    subjects=frozenset(),
    response=Response.GIVEN,
    categories=frozenset(Category),
    purposes=frozenset(Purpose),
    basis=Basis.PUBLIC_TASK,
    decided_by=Decider(DeciderKind.PRACTITIONER, "f" * 32),
    decided_at=_ALWAYS,
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Gaining:
    """Recipients whom nothing tells apart; `practitioner` is None for all who are not named.

    With a `service` it is that entry of the directory, which is of none of the agencies.
    """

    agencies: frozenset[Agency]
    roles: frozenset[Role]
    practitioner: PractitionerId | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class WhatChanges:
    """Who could read something after that they could not before, and the other way round."""

    gained: frozenset[Gaining] = frozenset()
    lost: frozenset[Gaining] = frozenset()

    @property
    def gaining(self) -> frozenset[Agency]:
        """The agencies of which somebody gains."""
        return _agencies_in(self.gained)

    @property
    def losing(self) -> frozenset[Agency]:
        """The agencies of which somebody loses."""
        return _agencies_in(self.lost)


@dataclass(frozen=True, slots=True)
class Widening:
    """Who gains, or could come to: by what is permitted, and by a no that somebody takes back."""

    gained: frozenset[Gaining] = frozenset()
    taken_back: frozenset[Gaining] = frozenset()

    @property
    def gaining(self) -> frozenset[Agency]:
        """The agencies of which somebody gains."""
        return _agencies_in(self.gained)

    def is_gain_of(self, agency: Agency | None, accounts: Collection[PractitionerId]) -> bool:
        """Whether anybody of this agency gains, or one of these does, wherever they work."""
        return any(
            agency in group.agencies or group.practitioner in accounts for group in self.gained
        )


def _agencies_in(groups: Iterable[Gaining]) -> frozenset[Agency]:
    return frozenset[Agency]().union(*(group.agencies for group in groups))


def effect_of(
    before: Collection[SharingDecision], after: Collection[SharingDecision], *, now: datetime
) -> WhatChanges:
    """What these decisions about some persons come to, after beside before."""
    groups = Groups(before, after, now)
    known = [_compiled(decisions) for decisions in (before, after)]
    gained, lost = set(), set()
    for who, recipient in groups.recipients():
        for request in groups.asked_of(recipient):
            could, can = (decide(request, record).is_permitted for record in known)
            if can and not could:
                gained.add(who)
            elif could and not can:
                lost.add(who)
    return WhatChanges(frozenset(gained), frozenset(lost))


def widening_of(
    before: Collection[SharingDecision], after: Collection[SharingDecision], *, now: datetime
) -> Widening:
    """Who gains or could come to, were it not for what else was decided.

    A yes that somebody's no covers counts from the day on which that no is taken back, and a no or
    a yes that stands beside another is what is left when that one goes. So each is judged by
    itself: permissions as if there were no others, and refusals as if everything else had been
    permitted, those of each decider alone too. Whatever could be read after and not before is
    among them.
    """
    changed = frozenset(before) ^ frozenset(after)
    subjects = frozenset[PersonId]().union(*(d.subjects for d in (*before, *after)))
    to_all = replace(_PERMITTED_TO_ALL, subjects=subjects)
    deciders = {d.decided_by for d in changed}
    permits = effect_of(
        _permits(changed.intersection(before), now),
        _permits(changed.intersection(after), now),
        now=now,
    )
    refusals = effect_of([*before, to_all], [*after, to_all], now=now)
    alone = [
        effect_of([*_of(who, before), to_all], [*_of(who, after), to_all], now=now)
        for who in deciders
    ]
    taken_back = frozenset[Gaining]().union(*(each.gained for each in alone))
    return Widening(permits.gained | refusals.gained | taken_back, taken_back)


def _of(decider: Decider, decisions: Iterable[SharingDecision]) -> list[SharingDecision]:
    return [d for d in decisions if d.decided_by == decider]


def _permits(decisions: Iterable[SharingDecision], now: datetime) -> list[SharingDecision]:
    return [d for d in decisions if d.response is Response.GIVEN and not is_withdrawn(d, now)]


def _compiled(decisions: Iterable[SharingDecision]) -> CompiledRecord:
    return CompiledRecord(OnRecord(tuple(decisions), agreements=(_EVERYTHING_AGREED,)))


class Groups:
    """Everything that may be answered otherwise: one question for each group told apart.

    A decision bears on nothing that it does not name, so only what is named by one that is not
    the same before and after is asked about.
    """

    def __init__(
        self,
        before: Collection[SharingDecision],
        after: Collection[SharingDecision],
        now: datetime,
    ) -> None:
        self._decisions = list(dict.fromkeys([*before, *after]))
        self._changed = frozenset(before) ^ frozenset(after)
        # Another machine's clock may be ahead of this one: what it wrote down begins in a moment.
        turns = {t for d in self._decisions for t in (d.until, d.decided_at, d.recorded_at)}
        self._moments = sorted({now, *(t for t in turns if t is not None and t > now)})
        self._subjects = self._one_of_each(lambda d: d.subjects)
        self._categories = self._one_of_each(lambda d: d.categories)
        self._sources = self._one_of_each(lambda d: d.sources or frozenset(Source))
        self._purposes = self._one_of_each(lambda d: d.purposes, frozenset({Purpose.SAFEGUARDING}))

    def recipients(self) -> Iterator[tuple[Gaining, Practitioner]]:
        """Each group, with somebody of whom everything that is said of it holds."""
        agencies = self._classes(Agency, lambda d: _those(Agency, "agency", d))
        roles = self._classes(OPENS_FAMILY_RECORDS, lambda d: _those(Role, "role", d))
        named = {n for d in self._decisions for n in _named(d, "practitioner")}
        people = [(None, None), *((PractitionerId(one), None) for one in sorted(named))]
        services = {n for d in self._decisions for n in _named(d, "service")}
        whom = [*people, *((None, one) for one in sorted(services))]
        for agency, role, (person, service) in product(agencies, roles, whom):
            own = person or _ANYBODY
            relationship = LegitimateRelationship(
                own, _CHILD, RelationshipGround.CASE_LOAD, _ALWAYS
            )
            recipient = Practitioner(own, role[0], agency[0], (relationship,), service)
            if any(not d.recipients or d.recipients & recipient.names for d in self._changed):
                of = frozenset[Agency]() if service is not None else frozenset(agency)
                yield Gaining(of, frozenset(role), person, service), recipient

    def asked_of(self, recipient: Practitioner) -> Iterator[AccessRequest]:
        """Every question that could be answered otherwise than the others."""
        asked = product(
            self._subjects, self._categories, self._sources, self._purposes, Mode, self._moments
        )
        for subject, category, source, purpose, mode, at in asked:
            yield AccessRequest((subject,), category, source, recipient, at, purpose, mode=mode)

    def _one_of_each(
        self,
        said_by: Callable[[SharingDecision], AbstractSet[_T]],
        apart: AbstractSet[_T] = frozenset(),
    ) -> Sequence[_T]:
        """One of each group of what is named by what changes."""
        named = frozenset[_T]().union(*map(said_by, self._changed))
        return [group[0] for group in self._classes(named, said_by, apart)]

    def _classes(
        self,
        values: Iterable[_T],
        said_by: Callable[[SharingDecision], AbstractSet[_T]],
        apart: AbstractSet[_T] = frozenset(),
    ) -> Sequence[Sequence[_T]]:
        """These values in groups: together those that the same decisions name."""
        groups: dict[object, list[_T]] = {}
        said = [said_by(d) for d in self._decisions]
        for value in values:
            told = tuple(value in one for one in said)
            groups.setdefault((told, value in apart), []).append(value)
        return list(groups.values())


def _those(codes: Iterable[_T], kind: str, decision: SharingDecision) -> frozenset[_T]:
    named = _named(decision, kind)
    return frozenset(code for code in codes if code in named)


def _named(decision: SharingDecision, kind: str) -> frozenset[str]:
    prefix = f"{kind}:"
    return frozenset(
        name.removeprefix(prefix) for name in decision.recipients if name.startswith(prefix)
    )
