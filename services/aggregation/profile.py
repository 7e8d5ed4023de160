"""The shared family profile as one practitioner may see it: what a page or an API shows."""

from dataclasses import dataclass
from datetime import datetime

from consent.decision import Reason
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import (
    Address,
    CommunicationNeeds,
    Occurrence,
    Plan,
    RelationshipKind,
    StoryEntry,
    Telecom,
)
from schemas.vocabulary import Category, LabelledCode, Purpose, Source


class SourceState(LabelledCode):
    """What a source has to say; never a blank (DESIGN.md section 7)."""

    HAS_RECORDS = "has-records", "Has records that are shared with you"
    NOTHING_TO_SHOW = (
        "nothing-to-show",
        "Nothing to show: it holds no record, or has no recorded right to share one",
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
class Provenance:
    """Where a fact comes from: which source, and as of when (ISO 8601) it said so."""

    source: Source
    as_of: str


@dataclass(frozen=True, slots=True, repr=False)
class NameClaim:
    """What one source calls the person; given names in its order.

    `known_as` stands for a given name; `known_as_family` for the family name where that differs.
    """

    family_name: str | None
    given_names: tuple[str, ...]
    known_as: str | None
    provenance: Provenance
    known_as_family: str | None = None
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class AddressClaim:
    """Where one source says the person lives. Sources that disagree stand side by side."""

    address: Address
    provenance: Provenance


@dataclass(frozen=True, slots=True, repr=False)
class TelecomClaim:
    """How one source says the person can be reached."""

    telecom: Telecom
    provenance: Provenance


@dataclass(frozen=True, slots=True, repr=False)
class PersonView:
    """A person of the family: the child who was opened first, then outward, youngest first.

    `relation` is None for the child who was opened. `names` is empty when no source named them.
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


@dataclass(frozen=True, slots=True, repr=False)
class RelativeView:
    """Somebody a source names as related to the child. None in a flag means: not stated."""

    kind: RelationshipKind
    name: str | None
    telecoms: tuple[Telecom, ...]
    has_responsibility: bool | None
    same_household: bool | None
    languages: tuple[str, ...]
    person: PersonId | None
    provenance: Provenance


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
class StoryView:
    """A story entry; `corrected_by` is set when a later entry corrects it: show struck through."""

    key: str
    entry: StoryEntry
    corrected_by: str | None


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

    `silent_since` is set while a source that has to be asked does not answer.
    """

    source: Source
    state: SourceState
    last_heard: datetime | None
    covers: str
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotShared:
    """A category that is not shared with this practitioner, where its existence may be shown."""

    category: Category
    source: Source
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """One family as one practitioner may see it for one purpose at one time."""

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


@dataclass(frozen=True, slots=True)
class ProfileRefused:
    """Nothing is shown, and why. The same whether or not there is such a person."""

    reasons: tuple[Reason, ...]
    policy_version: str
