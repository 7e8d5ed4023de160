"""What one record says: the facts that a profile is made of.

Dates are ISO 8601 text as precise as the source gave them; nothing is guessed.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, repr=False)
class Period:
    """From when until when; an open end means that it goes on as far as the source knows."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Coding:
    """A code from a code system, with the words its source or list has for it."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True, repr=False)
class PersonDetails:
    """Name, birth and death of a person. Category identity-and-contact.

    `is_verified`: its source has found this person in the national register by number, name and
    date of birth. A source that does not say so has verified nothing.
    """

    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    known_as: str | None = None
    date_of_birth: str | None = None
    sex: str | None = None
    expected_date_of_birth: str | None = None
    died: str | None = None
    multiple_birth_order: int | None = None
    placeholder_name: bool = False
    known_as_family: str | None = None
    former_names: tuple[str, ...] = ()
    is_verified: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A place where somebody lives or lived."""

    lines: tuple[str, ...]
    postcode: str | None = None
    period: Period = Period()
    use: str = "home"


@dataclass(frozen=True, slots=True, repr=False)
class Telecom:
    """A telephone number or e-mail address; system is phone, sms or email."""

    system: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class ContactDetails:
    """Where a person lives and how to reach them. Always labelled LOCATION.

    `said_by` is the code of the agency that says so while it works with the person, and no longer.
    """

    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    said_by: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CommunicationNeeds:
    """Languages (BCP 47 or the source's words) and what helps a person to be understood."""

    languages: tuple[str, ...] = ()
    interpreter_needed: bool | None = None
    needs: tuple[str, ...] = ()


class RelationshipKind(StrEnum):
    """How one person is related to the child, in words of the sources' code lists."""

    MOTHER = "mother"
    FATHER = "father"
    PARENT = "parent"
    STEP_PARENT = "step-parent"
    FOSTER_CARER = "foster-carer"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    CARER = "carer"
    OTHER_RELATIVE = "other-relative"
    OTHER = "other"


@dataclass(frozen=True, slots=True, repr=False)
class Relationship:
    """Who somebody is to the child. Subjects: the child, then the other where they are known.

    `has_responsibility` is the source's own statement of parental responsibility; None means
    that it said nothing, which is not no. `addresses` are the other's own homes, where they are
    also the child's business: those of somebody with responsibility.
    """

    kind: RelationshipKind
    name: str | None = None
    telecoms: tuple[Telecom, ...] = ()
    has_responsibility: bool | None = None
    same_household: bool | None = None
    contact_order: int | None = None
    languages: tuple[str, ...] = ()
    period: Period = Period()
    addresses: tuple[Address, ...] = ()


GENERAL_PRACTICE = "General practice"
"""The service of a practice that somebody is registered with: no health visitor's."""

SCHOOL = "School"
DUAL_SCHOOL = "School, registered at another too"
"""The service of one of two schools that have a pupil on roll, or of one where they are a guest."""


@dataclass(frozen=True, slots=True, repr=False)
class Involvement:
    """A service that works with the person: which, who, how to ring them, since when.

    `agency_code` is the ODS, LA/establishment or LA code.
    """

    service: str
    agency_code: str | None = None
    agency_name: str | None = None
    team: str | None = None
    practitioner_name: str | None = None
    practitioner_ref: str | None = None
    role: str | None = None
    telephone: str | None = None
    period: Period = Period()


class OccurrenceKind(StrEnum):
    """What sort of thing happened."""

    BIRTH = "birth"
    VACCINATION = "vaccination"
    SCREENING = "screening"
    REVIEW = "review"
    CONTACT = "contact"
    ATTENDANCE = "attendance"
    SUPPORT = "support"
    ASSESSMENT = "assessment"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True, repr=False)
class Occurrence:
    """Something that happened on a day, for the timeline.

    `not_done` marks what was offered and not given; `details` are (label, value) pairs to show.
    """

    kind: OccurrenceKind
    title: str
    period: Period = Period()
    coding: Coding | None = None
    outcome: str | None = None
    not_done: bool = False
    agency_name: str | None = None
    practitioner_name: str | None = None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """A plan that is or was in force: child in need, child protection, looked after, EHC.

    The telephone numbers are the agency's, in office hours and outside them.
    """

    kind: str
    title: str
    period: Period = Period()
    agency_name: str | None = None
    telephone: str | None = None
    out_of_hours_telephone: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StoryEntry:
    """What the family said, in its words; who wrote it down, when, and who was there.

    `corrects` is the key of the entry in whose place these words stand; that one stays.
    """

    text: str
    told_by: str
    written_by: str
    written_at: str
    corrects: str | None = None
    with_whom: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StoryConfirmation:
    """The family said that nothing has changed in these entries, named by their keys."""

    confirms: tuple[str, ...]
    told_by: str
    written_by: str
    written_at: str


Payload = (
    PersonDetails
    | ContactDetails
    | CommunicationNeeds
    | Relationship
    | Involvement
    | Occurrence
    | Plan
    | StoryEntry
    | StoryConfirmation
)
