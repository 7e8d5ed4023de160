"""The shared family profile as one practitioner may see it: what a page or an API shows."""

from dataclasses import dataclass
from datetime import datetime

from consent.decision import Reason
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import (
    CommunicationNeeds,
    Occurrence,
    Plan,
    RelationshipKind,
)
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.aggregation.claims import (
    AddressClaim,
    Claim,
    NameClaim,
    Provenance,
    TelecomClaim,
)
from services.aggregation.family import (
    HouseholdMember,
    HouseholdView,
    KinView,
    PersonView,
    RelativeView,
)
from services.aggregation.story_views import StoryView

__all__ = [
    "AddressClaim",
    "Claim",
    "CommunicationView",
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
    "StoryView",
    "TelecomClaim",
    "TimelineEntry",
]


class SourceState(LabelledCode):
    """What a source has to say; never a blank (DESIGN.md section 7)."""

    HAS_RECORDS = "has-records", "Has records that are shared with you"
    NOTHING_TO_SHOW = (
        "nothing-to-show",
        "Nothing to show: it holds no record, or has no recorded right to share one",
    )
    NONE_FOUND = (
        "none-found",
        "None found: it has sent no record of this child, apart from any that tell where they are",
    )
    NOT_COVERED = "not-covered", "Does not cover this age"
    NOT_SHARED = "not-shared", "Has records that are not shared with you"
    LEFT_OUT = (
        "left-out",
        "The data-sharing agreement does not let your service see its records for this purpose",
    )
    NOT_ANSWERING = "not-answering", "Has not been answering"
    NOT_HEARD = "not-heard", "Has not sent anything to this service yet"


@dataclass(frozen=True, slots=True, repr=False)
class PractitionerView:
    """A service working with the family, with a telephone number where any source gave one."""

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


@dataclass(frozen=True, slots=True, repr=False)
class TimelineEntry:
    """Something that happened; newest first on the timeline. `date` may be None (not stated)."""

    date: str | None
    person: PersonId
    category: Category
    occurrence: Occurrence
    provenance: Provenance


@dataclass(frozen=True, slots=True, repr=False)
class PlanView:
    """A plan in force or past."""

    person: PersonId
    category: Category
    plan: Plan
    is_current: bool
    provenance: Provenance


@dataclass(frozen=True, slots=True, repr=False)
class CommunicationView:
    """What helps this person to be understood."""

    person: PersonId
    needs: CommunicationNeeds
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What one source has for this family, when it was last heard from, since when it is silent.

    `silent_since` is set while a source that has to be asked does not answer. `last_updated` is
    as of when the latest that is shown was said. `no_data_means` is what not to conclude.
    """

    source: Source
    state: SourceState
    last_heard: datetime | None
    covers: str
    silent_since: datetime | None = None
    last_updated: str | None = None
    no_data_means: str = ""


@dataclass(frozen=True, slots=True)
class NotShared:
    """A category that is not shared with this practitioner, where its existence may be shown."""

    category: Category
    source: Source
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """One family as one practitioner may see it for one purpose at one time.

    `relatives` are the sources' statements one by one, `kin` the same people with every statement
    together. `parents_not_named` are whom nothing that is shown here names: it says nothing of
    what is not shown.
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
    kin: tuple[KinView, ...] = ()
    households: tuple[HouseholdView, ...] = ()
    parents_not_named: tuple[RelationshipKind, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileRefused:
    """Nothing is shown, and why. The same whether or not there is such a person."""

    reasons: tuple[Reason, ...]
    policy_version: str
