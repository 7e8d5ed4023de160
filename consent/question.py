"""What `decide` is asked, what it answers, and who is meant by a request."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from consent.agreement import AdoptedAgreement, Agency
from consent.model import (
    Exclusion,
    LegitimateRelationship,
    Mode,
    Recipient,
    RelationshipGround,
    Response,
    Restriction,
    SharingDecision,
)
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.published import NOT_KEPT, KeptTo
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Category, Label, LabelledCode, Purpose, Source


class Effect(StrEnum):
    """Yes or no; there is nothing between."""

    PERMIT = "permit"
    DENY = "deny"


class Reason(LabelledCode):
    """Why: a code, and the sentence a professional is shown."""

    NO_DECISION = "no-decision", "No sharing decision is recorded that covers this."
    NO_SUBJECT = "no-subject", "The record names nobody whom a decision is about."
    UNREADABLE_REQUEST = "unreadable-request", "The request names something unknown."
    POLICY_DENIES = "policy-denies", "The data-sharing agreement does not cover this."
    ROLE_OPENS_NO_RECORDS = "role-opens-no-records", "Your role opens no family records."
    RESTRICTED = "restricted", "The record is restricted to named people."
    EXCLUDED = "excluded", "The family has named who must not see this."
    NO_RELATIONSHIP = "no-relationship", "No legitimate relationship with the family is recorded."
    DUTY = "duty", "Shared under a recorded legal duty; this will be reviewed."
    EMERGENCY = "emergency", "Shown in an emergency that was announced; this will be reviewed."
    REFUSED = "refused", "The family refused to share this."
    WITHDRAWN = "withdrawn", "The family withdrew its agreement."
    OBJECTED = "objected", "The family objected to this."
    DETRIMENTAL = "detrimental", "Sharing was judged more detrimental to the child."
    KEPT_TO_OTHERS = "kept-to-others", "The family kept this to other people."
    NOT_ASKED = "not-asked", "The family has not been asked."
    CONSENT = "consent", "The family agreed to share this."
    PUBLIC_TASK = "public-task", "Shared as part of a public task, as recorded."
    EXPIRED = "expired", "The decision to share this has run out."
    NOT_SPOKEN_FOR = "not-spoken-for", "The system may not ask for this practitioner."
    CANNOT_BE_TOLD = "cannot-be-told", "What was known then cannot be told."
    # What is told in the place of reasons, to whoever is not to learn them.
    NO_RIGHT = "no-right", "There is no recorded right to show you anything here."
    PERMITTED_IN_PART = "permitted-in-part", "Only a part of this may be shown."


_ABOUT_WHAT_IS_SHARED = frozenset(
    {
        *(Reason.POLICY_DENIES, Reason.NO_DECISION, Reason.NOT_ASKED, Reason.EXPIRED),
        *(Reason.REFUSED, Reason.WITHDRAWN, Reason.OBJECTED, Reason.DETRIMENTAL),
        *(Reason.KEPT_TO_OTHERS, Reason.CONSENT, Reason.PUBLIC_TASK, Reason.DUTY),
        Reason.EMERGENCY,
    }
)
"""The effect of what was decided. Any other reason tells who is known, protected or related."""


def told(reasons: Collection[Reason]) -> tuple[Reason, ...]:
    """What a refusal says: one thing to all who may not ask, so that nobody learns whom we know.

    Of several reasons one that may not be told makes all of them that one.
    """
    may_be_told = reasons and _ABOUT_WHAT_IS_SHARED.issuperset(reasons)
    return tuple(sorted(set(reasons))) if may_be_told else (Reason.NO_RIGHT,)


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who wants to see a record. `relationships` are those on record with the family.

    `names` are the ways in which a decision may name this recipient. `service` is the entry of
    the directory for which a partner of ours asks.
    """

    id: PractitionerId
    role: str
    agency: str
    relationships: tuple[LegitimateRelationship, ...] = ()
    service: str | None = None
    names: frozenset[Recipient] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the names together."""
        names = (f"practitioner:{self.id}", f"role:{self.role}", f"agency:{self.agency}")
        own = () if self.service is None else (f"service:{self.service}",)
        object.__setattr__(self, "names", frozenset((*names, *own)))


@dataclass(frozen=True, slots=True)
class SharedProfile:
    """The shared profile itself as recipient: asked before publishing and before storing.

    It may hold what at least one recipient may be shown for at least one purpose; who that
    is, is asked again at every read.
    """


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked: this record, for this recipient, to this end, at this time.

    `purpose` is None only for the shared profile, which asks for any purpose at all. `kept_to` is
    whom the family keeps this one record to, of those who may see its category.
    """

    subjects: tuple[PersonId, ...]
    category: Category
    source: Source
    recipient: Practitioner | SharedProfile
    at: datetime
    purpose: Purpose | None = None
    labels: frozenset[Label] = frozenset()
    mode: Mode = Mode.CONTENT
    kept_to: frozenset[KeptTo] = NOT_KEPT


@dataclass(frozen=True, slots=True)
class OnRecord:
    """The decisions, restrictions and exclusions that may bear on a request; others do no harm.

    `agreements` are all that were ever adopted: the one in force at the time asked about counts.
    """

    decisions: tuple[SharingDecision, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    agreements: tuple[AdoptedAgreement, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    def is_protected(self, at: datetime) -> bool:
        """Whether any restriction held at that time."""
        return any(restriction.is_in_force(at) for restriction in self.restrictions)

    def taken_back(self, wanted: Collection[str], at: datetime) -> Mapping[str, int]:
        """Of the permissions with these ids those that permit nothing more, with their version."""
        return {d.id: d.version for d in self.decisions if d.id in wanted and _is_over(d, at)}


def _is_over(decision: SharingDecision, at: datetime) -> bool:
    """Whether it is a permission that was withdrawn, ended, replaced or found invalid by then."""
    ends = (decision.withdrawn_at, decision.superseded_at, decision.until)
    is_over = decision.invalidated_at is not None or any(e is not None and e <= at for e in ends)
    return decision.response is Response.GIVEN and is_over


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with why, under which policy, and from which decisions on record."""

    effect: Effect
    mode: Mode
    reasons: tuple[Reason, ...]
    policy_version: str
    decided_from: tuple[DecisionId, ...] = ()
    review: bool = False

    @property
    def is_permitted(self) -> bool:
        """Whether the answer is yes."""
        return self.effect is Effect.PERMIT


# What each ground of a relationship opens, and nothing more (DESIGN.md section 16).

OPENS_WHAT_IS_PERMITTED = frozenset({RelationshipGround.CASE_LOAD, RelationshipGround.REFERRAL})
"""Everything that the rules after it permit."""
LETS_ASK = OPENS_WHAT_IS_PERMITTED | {
    RelationshipGround.OWN,
    RelationshipGround.COVER,
    RelationshipGround.FAMILY_CONFIRMED,
    RelationshipGround.EMERGENCY,
}
"""Grounds on which somebody may ask about a person at all; being there unconfirmed is none."""
COVER_OPENS = frozenset(
    {Category.PRACTITIONERS, Category.SAFEGUARDING, Category.COMMUNICATION_NEEDS}
)
"""Who to ring, safety, and how to be understood."""
EMERGENCY_OPENS = COVER_OPENS | {Category.IDENTITY_AND_CONTACT}
"""That, and how to reach them; over a refusal. No story and no timeline."""
NOT_BEFORE_THE_FAMILY = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION, Label.THIRD_PARTY})
"""What is not opened by being with a family: the screen is seen by who is in the room."""


class Reach(NamedTuple):
    """How far one recipient's relationships reach at one moment.

    `present_with` are the persons who confirmed that they are there, and their children.
    """

    is_full: bool = False
    covers: bool = False
    is_emergency: bool = False
    present_with: frozenset[PersonId] = frozenset()

    def opens(
        self, subjects: Collection[PersonId], category: Category, labels: frozenset[Label]
    ) -> bool:
        """Whether any of them lets its holder ask about such a record."""
        if self.is_full:
            return True
        if self.covers and category in COVER_OPENS:
            return True
        if self.opens_in_emergency(category):
            return True
        is_theirs = bool(self.present_with) and self.present_with.issuperset(subjects)
        return is_theirs and labels.isdisjoint(NOT_BEFORE_THE_FAMILY)

    def opens_in_emergency(self, category: Category) -> bool:
        """Whether an emergency that was announced opens it, whatever the family decided."""
        return self.is_emergency and category in EMERGENCY_OPENS


FULL = Reach(is_full=True)
NONE = Reach()


def reach_of(
    relationships: Iterable[LegitimateRelationship], practitioner: PractitionerId, at: datetime
) -> Reach:
    """What those relationships reach that are this practitioner's and hold at that time.

    One's own is no ground here: what it opens is no record of the shared profile.
    """
    held = [r for r in relationships if r.practitioner == practitioner and r.is_in_force(at)]
    grounds = {r.ground for r in held}
    if grounds <= OPENS_WHAT_IS_PERMITTED:
        return FULL if grounds else NONE
    return Reach(
        is_full=not grounds.isdisjoint(OPENS_WHAT_IS_PERMITTED),
        covers=RelationshipGround.COVER in grounds,
        is_emergency=RelationshipGround.EMERGENCY in grounds,
        present_with=frozenset(
            r.subject for r in held if r.ground is RelationshipGround.FAMILY_CONFIRMED
        ),
    )


# Who is meant: one practitioner, or everyone whom the shared profile stands for.

_PRACTITIONER = "practitioner:"
# Who else is named, by any other role, is shown nothing: nothing is published for them.
_ROLES = frozenset(f"role:{role}" for role in OPENS_FAMILY_RECORDS)
_AGENCIES = {f"agency:{agency}": agency for agency in Agency}
_NONE_NAMED = (None,)


class Viewer(NamedTuple):
    """One recipient with one purpose: what the rules are asked about.

    `names` are the ways in which decisions on record may name the recipient. `id` is None for a
    practitioner whom nothing on record names. A tuple, because every question makes one.
    """

    id: PractitionerId | None
    names: frozenset[Recipient]
    purpose: Purpose
    reach: Reach


class Named(NamedTuple):
    """Whom decisions for one purpose name, each in a fixed order.

    None stands for all whom they do not name, where there is anybody left.
    """

    practitioners: Sequence[PractitionerId]
    roles: Sequence[Recipient | None]
    agencies: Sequence[Recipient]

    def agencies_in(self, receivers: frozenset[Agency]) -> Sequence[Recipient | None]:
        """Of the agencies that may receive something those that are named, and one that is not."""
        if not self.agencies:
            return _NONE_NAMED
        found = [name for name in self.agencies if _AGENCIES[name] in receivers]
        return found if len(found) == len(receivers) else [None, *found]


_NOBODY_NAMED = Named((), _NONE_NAMED, ())
_ANYBODY = {purpose: (Viewer(None, frozenset(), purpose, reach=FULL),) for purpose in Purpose}


class Naming:
    """Whom decisions about the same persons and category name, and for what.

    `purposes` are those of the permissions; where there is none, those of the refusals, to tell
    why; none where nobody has decided anything.
    """

    __slots__ = ("_decisions", "_kept_to", "_named", "purposes")

    def __init__(
        self,
        decisions: Sequence[SharingDecision],
        kept_to: frozenset[Recipient] = frozenset(),
    ) -> None:
        """Take every decision about one of the persons that counts, and whom it is kept to."""
        permissions = [d for d in decisions if d.response is Response.GIVEN]
        purposes = frozenset[Purpose]().union(*(d.purposes for d in permissions or decisions))
        self.purposes: Sequence[Purpose] = sorted(purposes)
        self._decisions = decisions
        self._kept_to = kept_to
        self._named: dict[Purpose, Named] = {}

    def everyone_told_apart(
        self,
        purpose: Purpose,
        receivers: frozenset[Agency],
        restrictions: Sequence[Restriction],
        exclusions: Sequence[Exclusion] = (),
    ) -> Sequence[Viewer]:
        """One viewer for each group of these agencies' practitioners whom anything tells apart.

        Asking about each of them is asking about every practitioner with a relationship that
        there may ever be in an agency that the agreement lets receive this: within a group
        neither a decision nor a restriction nor the agreement names a difference. In a fixed
        order.
        """
        named = self._named.get(purpose)
        if named is None:
            about = (d.recipients for d in self._decisions if purpose in d.purposes)
            named = self._named[purpose] = _named(self._kept_to.union(*about))
        if named is _NOBODY_NAMED and not restrictions:
            return _ANYBODY[purpose]
        told_apart = product(
            _practitioners(named.practitioners, restrictions, exclusions),
            named.roles,
            named.agencies_in(receivers),
        )
        return [
            Viewer(practitioner, _names(practitioner, role, agency), purpose, reach=FULL)
            for practitioner, role, agency in told_apart
        ]


def viewer_of(practitioner: Practitioner, purpose: Purpose, request: AccessRequest) -> Viewer:
    """The practitioner who asks. A relationship counts when it is theirs and holds now.

    It need not be with the record's own persons: a child is opened and the family read outward.
    Only being with a family reaches no further than who is there.
    """
    reach = reach_of(practitioner.relationships, practitioner.id, request.at)
    return Viewer(practitioner.id, practitioner.names, purpose, reach)


def _named(names: frozenset[Recipient]) -> Named:
    if not names:
        return _NOBODY_NAMED
    roles = sorted(_ROLES & names)
    own = (name.removeprefix(_PRACTITIONER) for name in names if name.startswith(_PRACTITIONER))
    return Named(
        practitioners=sorted(map(PractitionerId, own)),
        roles=roles if len(roles) == len(_ROLES) else [None, *roles],
        agencies=sorted(_AGENCIES.keys() & names),
    )


def _practitioners(
    named: Sequence[PractitionerId],
    restrictions: Sequence[Restriction],
    exclusions: Sequence[Exclusion],
) -> Sequence[PractitionerId | None]:
    """Those named, and one who is not; where a restriction holds, those on its allow-list.

    Whoever is excluded stands for nobody but themselves.
    """
    if not restrictions:
        return [None, *named]
    allowed = frozenset.intersection(*(r.allowed for r in restrictions))
    kept_out = {one for e in exclusions for one in (e.practitioner, *e.also)}
    unnamed = sorted(allowed.difference(named, kept_out))[:1]
    return [*unnamed, *(one for one in named if one in allowed)] or [None]


def _names(
    practitioner: PractitionerId | None, role: Recipient | None, agency: Recipient | None
) -> frozenset[Recipient]:
    own = None if practitioner is None else f"{_PRACTITIONER}{practitioner}"
    return frozenset([name for name in (own, role, agency) if name is not None])
