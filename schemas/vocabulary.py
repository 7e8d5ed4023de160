"""The words of the work, as closed lists: each value is a code, each label plain English."""

from enum import StrEnum
from typing import Self


class LabelledCode(StrEnum):
    """A code with the sentence that people are shown for it."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Make the member from its code and its plain-English label."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    # A code is equal to its text, and codes are looked up at every question of every record:
    # Python would make a hash of the member's name, by a function of its own.
    __hash__ = str.__hash__


class Category(LabelledCode):
    """What a sharing decision can name (DESIGN.md section 3)."""

    IDENTITY_AND_CONTACT = "identity-and-contact", "Names, date of birth, address and telephone"
    FAMILY_AND_HOUSEHOLD = "family-and-household", "Who is in the family and who lives where"
    STORY = "story", "The family's story in its own words"
    COMMUNICATION_NEEDS = "communication-needs", "Language, interpreter and communication needs"
    PRACTITIONERS = "practitioners", "Who is working with the family"
    CHILD_HEALTH = "child-health", "Child health: reviews, screening and vaccinations"
    EDUCATION = "education", "School, attendance and support for learning"
    EARLY_HELP = "early-help", "Early help"
    SOCIAL_CARE = "social-care", "Children's social care"
    SAFEGUARDING = "safeguarding", "Safeguarding: enquiries and child protection plans"


class Purpose(LabelledCode):
    """What a person wants to see a record for."""

    EARLY_HELP = "early-help", "Early help"
    DIRECT_CARE = "direct-care", "Direct care"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    SERVICE_IMPROVEMENT = "service-improvement", "Improving services"
    SUBJECT_ACCESS = "subject-access", "The person's own request to see what is held"


class Source(LabelledCode):
    """A kind of system that records come from."""

    HEALTH_VISITING = "health-visiting", "Health visiting"
    SCHOOLS = "schools", "School"
    SOCIAL_CARE = "social-care", "Children's social care"
    FAMILY_HUB = "family-hub", "Family hub"
    COMMUNITY = "community", "Community services"


SERVICES_HERE = tuple(source for source in Source if source is not Source.COMMUNITY)
"""Whose workers open families here. A service in the community sees what one agreed with it."""


class Role(LabelledCode):
    """What a signed-in person is here to do (DESIGN.md section 10)."""

    PRACTITIONER = "practitioner", "Practitioner"
    LEAD_PRACTITIONER = "lead-practitioner", "Lead practitioner"
    DATA_STEWARD = "data-steward", "Data steward"
    INFORMATION_GOVERNANCE = "information-governance", "Information governance"
    SERVICE_MANAGER = "service-manager", "Service manager"
    ADMINISTRATOR = "administrator", "Administrator"
    CONFIRMING_OFFICER = "confirming-officer", "Confirming officer"


OPENS_FAMILY_RECORDS = frozenset({Role.PRACTITIONER, Role.LEAD_PRACTITIONER})
"""The roles that work with families. No other, known or not, is shown a record (rule 0)."""


class Label(LabelledCode):
    """A mark that a source puts on a record and a restriction can name."""

    LOCATION = "location", "Tells where somebody lives, learns or is seen"
    PROTECTED_LOCATION = "protected-location", "An address that its source protects"
    THIRD_PARTY = "third-party", "Tells something about somebody else"
    DATES_CONTRADICT = "dates-contradict", "The source’s own dates of birth contradict each other"


class Action(StrEnum):
    """What a message says about a record: here it is, it is gone, or all in this scope is."""

    UPSERT = "upsert"
    REMOVE = "remove"
    CLEAR = "clear"


class IdentifierScheme(LabelledCode):
    """The numbering schemes a person's identifiers come from."""

    NHS_NUMBER = "nhs-number", "NHS number"
    UPN = "upn", "Unique pupil number"
    LA_CHILD_ID = "la-child-id", "Local authority child id"
    LOCAL = "local", "The source's own id"


class IdentifierStatus(LabelledCode):
    """How far an identifier may be trusted for linking."""

    VERIFIED = "verified", "Verified"
    UNVERIFIED = "unverified", "Not verified"
    SUPERSEDED = "superseded", "Superseded"
    INVALIDATED = "invalidated", "Invalidated: never theirs, or in use no longer"


class Disposition(LabelledCode):
    """What became of one message from a source."""

    PUBLISHED = "published", "Published"
    WITHHELD = "withheld", "Withheld: no recorded right to share it"
    DUPLICATE = "duplicate", "Received before"
    PARKED = "parked", "Parked: could not be read"
