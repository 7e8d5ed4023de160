"""The shared family profile as one practitioner may see it: what a page or an API shows."""

from datetime import datetime

from consent.question import Reason
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    FactStatus,
    Period,
    Plan,
    Relationship,
    RelationshipKind,
    StoryConfirmation,
    StoryEntry,
    Telecom,
)
from schemas.records.published import NOT_KEPT, KeptTo
from schemas.records.unused import MoreKind
from schemas.unchanging import unchanging
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.intake.unread import UnreadHere
from services.profile.merging.claims import AddressClaim, Claim, NameClaim, Provenance, TelecomClaim
from services.profile.merging.connections import ConnectionView
from services.profile.merging.deaths import DeathSaid, DeathStanding, DeathView
from services.profile.merging.support import HelpView, StepView
from services.profile.merging.timeline import TimelineEntry

__all__ = [
    "AddressClaim",
    "Claim",
    "CommunicationView",
    "ConnectionView",
    "DeathSaid",
    "DeathStanding",
    "DeathView",
    "HelpView",
    "HouseholdMember",
    "HouseholdView",
    "KinView",
    "NameClaim",
    "NotShared",
    "PersonView",
    "PlanView",
    "PractitionerView",
    "Profile",
    "ProfileRefused",
    "Provenance",
    "RelativeView",
    "SourceState",
    "SourceStatus",
    "StepView",
    "StoryView",
    "TelecomClaim",
    "TimelineEntry",
    "UnreadHere",
]


class Responsibility(LabelledCode):
    """What is to be said of somebody's parental responsibility for the child."""

    STATED = "stated", "Has parental responsibility"
    STATED_NOT = "stated-not", "Does not have parental responsibility"
    NOT_STATED = "not-stated", "Parental responsibility not stated"
    FOSTER_CARER = "foster-carer", "Does not have parental responsibility: no foster carer has it"
    FOSTER_CARER_STATED = (
        "foster-carer-stated",
        "Does not have parental responsibility: no foster carer has it, whatever the source states",
    )


def responsibility_of(relationship: Relationship) -> Responsibility:
    """What the statement comes to; silence is not no.

    A foster carer has none, whatever a source states (DOMAIN section 3.4; Children Act 1989).
    """
    stated = relationship.has_responsibility
    if relationship.kind is RelationshipKind.FOSTER_CARER:
        return Responsibility.FOSTER_CARER_STATED if stated else Responsibility.FOSTER_CARER
    if stated is None:
        return Responsibility.NOT_STATED
    return Responsibility.STATED if stated else Responsibility.STATED_NOT


def may_have_it(relationship: Relationship) -> bool | None:
    """The source's statement; False of a foster carer, None where nothing is stated."""
    if relationship.kind is RelationshipKind.FOSTER_CARER:
        return False
    return relationship.has_responsibility


# Who they are, to the child, and who lives where.


@unchanging(frozen=True, slots=True, repr=False)
class PersonView:
    """A person of the family: the child who was opened first, then outward, youngest first.

    `relation` is None for the child who was opened, and for a child of an adult who was. `names`
    is empty when no source named them. `date_of_birth`, `sex` and `expected_date_of_birth` are the
    first of the claims below, which stand side by side where sources differ. `death` is None where
    nothing tells of one; `died` is its day.
    `location_protected`: the viewer may see where they are and must tell nobody; whoever may not
    see it is not told either that there is anything to protect.
    """

    id: PersonId
    relation: RelationshipKind | None
    names: tuple[NameClaim, ...]
    date_of_birth: str | None
    sex: str | None
    expected_date_of_birth: str | None
    died: str | None
    placeholder_name: bool
    addresses: tuple[AddressClaim, ...]
    telecoms: tuple[TelecomClaim, ...]
    location_protected: bool
    dates_of_birth: tuple[Claim[str], ...] = ()
    sexes: tuple[Claim[str], ...] = ()
    expected_dates_of_birth: tuple[Claim[str], ...] = ()
    dates_of_death: tuple[Claim[str], ...] = ()
    death: DeathView | None = None


@unchanging(frozen=True, slots=True, repr=False)
class RelativeView:
    """What one source says of somebody related to the child. None in a flag means: not stated.

    `has_responsibility` is False for every foster carer; `responsibility` says the same in words.
    """

    kind: RelationshipKind
    name: str | None
    telecoms: tuple[Telecom, ...]
    has_responsibility: bool | None
    same_household: bool | None
    languages: tuple[str, ...]
    person: PersonId | None
    provenance: Provenance
    responsibility: Responsibility = Responsibility.NOT_STATED
    period: Period = Period()
    addresses: tuple[Address, ...] = ()
    is_current: bool = True
    status: FactStatus = FactStatus.HOLDS
    has_died: bool = False
    former_telecoms: tuple[Telecom, ...] = ()


@unchanging(frozen=True, slots=True, repr=False)
class KinView:
    """Somebody around the child, as all sources together tell of them: claims side by side.

    `person` is set where the person is known by more than a mention. A source that states nothing
    of responsibility or household makes no claim to it. `is_current` is False where every source
    that names them gives an end that has passed, or says that it is over; `is_to_come` where all
    that is not over is yet to begin. `deaths` are of those who say that they have died.
    """

    person: PersonId | None
    kinds: tuple[Claim[RelationshipKind], ...]
    names: tuple[Claim[str], ...]
    responsibility: tuple[Claim[Responsibility], ...]
    same_household: tuple[Claim[bool], ...]
    telecoms: tuple[TelecomClaim, ...]
    addresses: tuple[AddressClaim, ...]
    languages: tuple[Claim[tuple[str, ...]], ...]
    is_current: bool
    is_to_come: bool = False
    deaths: tuple[Claim[bool], ...] = ()


@unchanging(frozen=True, slots=True, repr=False)
class HouseholdMember:
    """Who lives in a household, and who says so; `name` is that by which somebody is mentioned."""

    person: PersonId | None
    name: str | None
    kind: RelationshipKind | None
    provenances: tuple[Provenance, ...]


@unchanging(frozen=True, slots=True, repr=False)
class HouseholdView:
    """Who lives under one roof, as sources say; a child may belong to two.

    `address` is None where sources say who lives with the child and none says where. `use` is the
    source's word for the place: home, placement, father's home.
    """

    address: Address | None
    use: str
    is_the_childs: bool
    members: tuple[HouseholdMember, ...]


# The family's story.


@unchanging(frozen=True, slots=True, repr=False)
class StoryScope:
    """Whom an entry is about, or would be, and whom the family keeps it to."""

    about: tuple[PersonId, ...]
    kept_to: frozenset[KeptTo] = NOT_KEPT


@unchanging(frozen=True, slots=True, repr=False)
class StoryCorrection:
    """That another entry stands in the place of this one: which, and who wrote it down when."""

    key: str
    told_by: str
    written_by: str
    written_at: str


@unchanging(frozen=True, slots=True, repr=False)
class StoryView:
    """An entry with what was said of it later, the latest first.

    It is about the persons in `about`, whose record it is first, as `source` said it. One that was
    corrected is shown struck through with every correction of it, never left out.
    """

    key: str
    entry: StoryEntry
    corrections: tuple[StoryCorrection, ...] = ()
    confirmations: tuple[StoryConfirmation, ...] = ()
    about: tuple[PersonId, ...] = ()
    kept_to: frozenset[KeptTo] = NOT_KEPT
    source: Source = Source.FAMILY_HUB

    @property
    def corrected_by(self) -> str | None:
        """The entry that stands in its place, the latest if there are several."""
        return self.corrections[0].key if self.corrections else None

    @property
    def scope(self) -> StoryScope:
        """All on which it depends who may read it."""
        return StoryScope(self.about, self.kept_to)


class SourceState(LabelledCode):
    """What a source has to say; never a blank (DESIGN.md section 7)."""

    HAS_RECORDS = "has-records", "Has records that are shared with you"
    NOTHING_TO_SHOW = (
        "nothing-to-show",
        "Nothing to show: it holds no record that could be read and may be shared",
    )
    NONE_FOUND = (
        "none-found",
        "None found: it has no record of this child here, apart from any that tell where they are",
    )
    UNREAD = "unread", "Has sent something about this child that could not be read"
    NOT_COVERED = "not-covered", "Does not cover this age"
    NOT_SHARED = "not-shared", "Has records that are not shared with you"
    LEFT_OUT = (
        "left-out",
        "The data-sharing agreement does not let your service see its records for this purpose",
    )
    NOT_ANSWERING = "not-answering", "Has not been answering"
    NOT_HEARD = "not-heard", "Has not sent anything to this service yet"


NOBODY_TO_RING = frozenset(
    {FactStatus.ENDED, FactStatus.BROKEN_OFF, FactStatus.NOT_DONE, FactStatus.PLANNED}
)


@unchanging(frozen=True, slots=True, repr=False)
class PractitionerView:
    """A service working with the family, with a telephone number where any source gave one.

    `status` is what it comes to on the day on which it is read; `is_current` whether it goes on;
    `hours` when their agency answers, in its own words.
    """

    person: PersonId
    service: str
    agency_name: str | None
    team: str | None
    practitioner_name: str | None
    role: str | None
    telephone: str | None
    since: str | None
    until: str | None
    is_current: bool
    provenance: Provenance
    status: FactStatus = FactStatus.HOLDS
    hours: str | None = None

    @property
    def is_first_hand(self) -> bool:
        """Whether they said so themselves, on our own pages: there the agency is the service."""
        return self.provenance.source is Source.FAMILY_HUB and self.service == self.agency_name


@unchanging(frozen=True, slots=True, repr=False)
class PlanView:
    """A plan in force, past or to come, as its `status` says on the day of reading.

    `key` is its record's; `case_closed`, when a case was closed since without an end of the plan.
    """

    person: PersonId
    category: Category
    plan: Plan
    is_current: bool
    provenance: Provenance
    status: FactStatus = FactStatus.HOLDS
    key: str = ""
    case_closed: str | None = None


@unchanging(frozen=True, slots=True, repr=False)
class CommunicationView:
    """What helps this person to be understood, or somebody around them (`needs.whose`)."""

    person: PersonId
    needs: CommunicationNeeds
    provenance: Provenance


@unchanging(frozen=True, slots=True)
class SourceStatus:
    """What one source has for this family, when it was last heard from, since when it is silent.

    `silent_since` is set while a source that has to be asked does not answer. `last_updated` is
    as of when the latest that is shown was said. `no_data_means` is what not to conclude. `unread`
    is what the source has to be asked for; `more` is what it knows besides what is shown of it.
    """

    source: Source
    state: SourceState
    last_heard: datetime | None
    covers: str
    silent_since: datetime | None = None
    last_updated: str | None = None
    no_data_means: str = ""
    unread: UnreadHere | None = None
    more: tuple[MoreKind, ...] = ()


@unchanging(frozen=True, slots=True)
class NotShared:
    """A category that is not shared with this practitioner, where its existence may be shown."""

    category: Category
    source: Source
    reasons: tuple[Reason, ...]


@unchanging(frozen=True, slots=True, repr=False)
class Profile:
    """One family as one practitioner may see it for one purpose at one time.

    `relatives` are the sources' statements one by one, `kin` the same people with every statement
    together. `communication_of_others` is of people around a person whom nothing names better than
    by that. `parents_not_named` are whom nothing that is shown here names. `arrived`: since then.
    """

    child: PersonId
    purpose: Purpose
    as_of: datetime
    people: tuple[PersonView, ...]
    relatives: tuple[RelativeView, ...]
    practitioners: tuple[PractitionerView, ...]
    communication: tuple[CommunicationView, ...]
    story: tuple[StoryView, ...]
    timeline: tuple[TimelineEntry, ...]
    plans: tuple[PlanView, ...]
    sources: tuple[SourceStatus, ...]
    not_shared: tuple[NotShared, ...]
    location_protected: bool
    shared_under_duty: tuple[Category, ...]
    policy_version: str
    decided_from: tuple[DecisionId, ...]
    parents_are_not_told: bool = False
    is_by_emergency_alone: bool = False
    kin: tuple[KinView, ...] = ()
    households: tuple[HouseholdView, ...] = ()
    parents_not_named: tuple[RelationshipKind, ...] = ()
    communication_of_others: tuple[CommunicationView, ...] = ()
    help_wanted: tuple[HelpView, ...] = ()
    next_steps: tuple[StepView, ...] = ()
    connections: tuple[ConnectionView, ...] = ()
    looked_before: datetime | None = None  # the viewer, in an earlier visit; on our own pages alone
    arrived: frozenset[str] = frozenset()


@unchanging(frozen=True, slots=True)
class ProfileRefused:
    """Nothing is shown, and why. The same whether or not there is such a person."""

    reasons: tuple[Reason, ...]
    policy_version: str
