"""What one record says: the facts that a profile is made of.

Dates are ISO 8601 text as precise as the source gave them; nothing is guessed.
"""

from enum import StrEnum

from schemas.unchanging import unchanging


@unchanging(frozen=True, slots=True, repr=False)
class Period:
    """From when until when; an open end means that it goes on as far as the source knows."""

    start: str | None = None
    end: str | None = None

    def is_over(self, day: str) -> bool:
        """Whether it ended before that day; ends are inclusive, compared as far as both go."""
        end = self.end
        return end is not None and end[:10] < day[: len(end)]

    def is_to_come(self, day: str) -> bool:
        """Whether it begins after that day, compared as far as both are precise."""
        start = self.start
        return start is not None and start[:10] > day[: len(start)]

    def covers(self, day: str) -> bool:
        """Whether it has begun and is not over on that day."""
        return not self.is_over(day) and not self.is_to_come(day)


class FactStatus(StrEnum):
    """Whether what a record says is so, as its source says it beside the fact itself.

    The status codes of FHIR's resources, in the few kinds that make a difference to who reads:
    the words in which a page says them are its own. A record from before is of what holds.
    """

    HOLDS = "holds"
    UNDER_WAY = "under-way"
    PLANNED = "planned"
    ON_HOLD = "on-hold"
    ENDED = "ended"
    BROKEN_OFF = "broken-off"
    NOT_DONE = "not-done"
    NOT_FINAL = "not-final"
    IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


@unchanging(frozen=True, slots=True, repr=False)
class Coding:
    """A code from a code system, with the words its source or list has for it."""

    system: str
    code: str
    display: str


@unchanging(frozen=True, slots=True, repr=False)
class PersonDetails:
    """Name, birth and death of a person. Category identity-and-contact.

    `is_verified`: its source has found this person in the national register by number, name and
    date of birth. A source that does not say so has verified nothing.

    `died` is the date of a death. Where it is not recorded, `has_died` says that there was one;
    False is the source's own word that there was none, None that it says nothing.
    `death_contradicted`: a death was reported with what cannot be true of it, so nobody may rely on
    it or overlook it.
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
    has_died: bool | None = None
    death_contradicted: bool = False

    @property
    def says_died(self) -> bool:
        """Whether it reports a death, certain or not."""
        return self.died is not None or self.has_died is True or self.death_contradicted


@unchanging(frozen=True, slots=True, repr=False)
class Address:
    """A place where somebody lives or lived."""

    lines: tuple[str, ...]
    postcode: str | None = None
    period: Period = Period()
    use: str = "home"


@unchanging(frozen=True, slots=True, repr=False)
class Telecom:
    """A telephone number or e-mail address; system is phone, sms or email.

    `period` is when it may be used, where its source says so; `is_former` where it says that it is
    no longer, without a day.
    """

    system: str
    value: str
    period: Period = Period()
    is_former: bool = False

    def is_in_use(self, day: str) -> bool:
        """Whether it may be used on that day."""
        return not self.is_former and self.period.covers(day)

    def has_ended(self, day: str) -> bool:
        """Whether it was used before that day and is no longer."""
        return self.is_former or self.period.is_over(day)


@unchanging(frozen=True, slots=True, repr=False)
class ContactDetails:
    """Where a person lives and how to reach them. Always labelled LOCATION.

    `said_by` is the code of the agency that says so while it works with the person, and no longer.
    """

    addresses: tuple[Address, ...] = ()
    telecoms: tuple[Telecom, ...] = ()
    said_by: str | None = None


@unchanging(frozen=True, slots=True, repr=False)
class CommunicationNeeds:
    """Languages (BCP 47 or the source's words) and what helps a person to be understood.

    `whose` says whose needs they are where they are not the person's own: somebody around them
    whom the source names no better than that.
    """

    languages: tuple[str, ...] = ()
    interpreter_needed: bool | None = None
    needs: tuple[str, ...] = ()
    whose: str | None = None


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


@unchanging(frozen=True, slots=True, repr=False)
class Relationship:
    """Who somebody is to the child. Subjects: the child, then the other where they are known.

    `has_responsibility` is the source's own statement of parental responsibility; None means
    that it said nothing, which is not no. `addresses` are the other's own homes, where they are
    also the child's business: those of somebody with responsibility. `has_died` where the source
    says beside the relationship that they have; it is over then, by its status.
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
    status: FactStatus = FactStatus.HOLDS
    has_died: bool = False


BIRTH_REGISTERED = "Birth registered"
"""The title of what tells that a birth is in the register, and when it was entered."""

GENERAL_PRACTICE = "General practice"
"""The service of a practice that somebody is registered with: no health visitor's."""

CASE_CLOSED = "Children's social care closed"
"""The title of what tells that a local authority closed a case."""

SCHOOL = "School"
DUAL_SCHOOL = "School, registered at another too"
"""The service of one of two schools that have a pupil on roll, or of one where they are a guest."""


@unchanging(frozen=True, slots=True, repr=False)
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
    status: FactStatus = FactStatus.HOLDS


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


@unchanging(frozen=True, slots=True, repr=False)
class Occurrence:
    """Something that happened on a day, or is to happen, for the timeline.

    `not_done` marks what was offered and not given or did not take place, as its `status` does
    where there is one; `details` are (label, value) pairs to show.
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
    status: FactStatus = FactStatus.HOLDS


@unchanging(frozen=True, slots=True, repr=False)
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
    status: FactStatus = FactStatus.HOLDS


@unchanging(frozen=True, slots=True, repr=False)
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


@unchanging(frozen=True, slots=True, repr=False)
class StoryConfirmation:
    """The family said that nothing has changed in these entries, named by their keys."""

    confirms: tuple[str, ...]
    told_by: str
    written_by: str
    written_at: str


# What practitioners write on this service's own pages beside the story.


@unchanging(frozen=True, slots=True, repr=False)
class WrittenHere:
    """Who wrote it first, as they are called, and when (ISO 8601, UTC).

    `author` is their account, an opaque id: whoever it is may say what became of it.
    """

    by: str
    at: str
    author: str


@unchanging(frozen=True, slots=True, repr=False)
class HelpWanted:
    """What a family wants help with. It waits (PLANNED) until somebody helps (UNDER_WAY).

    `since` is the day of its status; `helper` who helps, in the words of whoever wrote it.
    """

    text: str
    written: WrittenHere
    helper: str | None = None
    status: FactStatus = FactStatus.PLANNED
    since: str | None = None


@unchanging(frozen=True, slots=True, repr=False)
class NextStep:
    """What is to be done next, who does it and by which day; `plan` is the key of its plan.

    It is to be done (PLANNED) until it is done (ENDED) or not needed (NOT_DONE); `since` is the day
    of its status.
    """

    text: str
    who: str
    written: WrittenHere
    by: str | None = None
    plan: str | None = None
    status: FactStatus = FactStatus.PLANNED
    since: str | None = None


# What services in the community answer, whom a family agreed to ask.


class ReportedStatus(StrEnum):
    """How a request to a service stands, as far as others are told of it."""

    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    STARTED = "started"
    FINISHED = "finished"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@unchanging(frozen=True, slots=True, repr=False)
class ConnectionReport:
    """What came of asking a service to help. Category early-help.

    `service_ref` is its opaque id, `partner` who offers it; `asked_by` the agency that asked, with
    the family's agreement, on `asked_on`. `since` is the day of the status, `reason_code` one of
    the closed lists for why it was declined or how it ended. The service's own words are a record
    of their own.
    """

    service: str
    service_ref: str
    asked_by: str
    asked_on: str
    status: ReportedStatus
    since: str
    partner: str | None = None
    reason_code: str | None = None
    contacted_on: str | None = None
    next_step: str | None = None


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
    | HelpWanted
    | NextStep
    | ConnectionReport
)
