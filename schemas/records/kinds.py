"""What kind of thing a message is, whether or not it could be read: a code, and in words."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.vocabulary import Category, LabelledCode


class MessageKind(LabelledCode):
    """A kind of message; the label goes on after "could not be read:"."""

    SAFETY_ALERT = "safety-alert", "a safety alert"
    PROFESSIONAL_CONTACT = "professional-contact", "who works with the child"
    BIRTH_NOTIFICATION = "birth-notification", "a birth notification"
    CHANGE_OF_ADDRESS = "change-of-address", "a change of address"
    CHANGE_OF_PRACTICE = "change-of-practice", "a change of general practice"
    DEATH_NOTIFICATION = "death-notification", "a death notification"
    RECORD_CHANGE = "record-change", "a notice that something has changed"
    VACCINATION = "vaccination", "a vaccination"
    SCREENING = "screening", "a screening result"
    CONTACT = "contact", "a review or contact with a health service"
    ASSESSMENT = "assessment", "an assessment"
    FEEDING = "feeding", "how a baby is fed"
    PERSONAL_CONTACT = "personal-contact", "somebody around the child"
    LEGAL_STATUS = "legal-status", "a legal status"
    REQUIREMENTS = "requirements", "what helps the person to be understood"
    PUPIL = "pupil", "a school’s record of the child"
    CARE_RECORD = "care-record", "a record of children’s social care"
    BIRTH_REGISTRATION = "birth-registration", "that a birth is registered"
    UNKNOWN = "unknown", "something of a kind that is not known here"

    @property
    def categories(self) -> frozenset[Category]:
        """What such a message may tell of: that there is one is told to whoever may know of all.

        One of which nobody knows the kind may tell of anything.
        """
        return _CATEGORIES.get(self, frozenset(Category))


_CATEGORIES: Mapping[MessageKind, frozenset[Category]] = MappingProxyType(
    {
        MessageKind.SAFETY_ALERT: frozenset({Category.SAFEGUARDING}),
        MessageKind.PROFESSIONAL_CONTACT: frozenset({Category.PRACTITIONERS}),
        MessageKind.BIRTH_NOTIFICATION: frozenset({Category.CHILD_HEALTH}),
        MessageKind.CHANGE_OF_ADDRESS: frozenset({Category.IDENTITY_AND_CONTACT}),
        MessageKind.CHANGE_OF_PRACTICE: frozenset({Category.PRACTITIONERS}),
        MessageKind.DEATH_NOTIFICATION: frozenset({Category.IDENTITY_AND_CONTACT}),
        MessageKind.RECORD_CHANGE: frozenset({Category.IDENTITY_AND_CONTACT}),
        MessageKind.VACCINATION: frozenset({Category.CHILD_HEALTH}),
        MessageKind.SCREENING: frozenset({Category.CHILD_HEALTH}),
        MessageKind.CONTACT: frozenset({Category.CHILD_HEALTH}),
        MessageKind.ASSESSMENT: frozenset({Category.CHILD_HEALTH}),
        MessageKind.FEEDING: frozenset({Category.CHILD_HEALTH}),
        MessageKind.PERSONAL_CONTACT: frozenset({Category.FAMILY_AND_HOUSEHOLD}),
        MessageKind.LEGAL_STATUS: frozenset({Category.SOCIAL_CARE, Category.SAFEGUARDING}),
        MessageKind.REQUIREMENTS: frozenset({Category.COMMUNICATION_NEEDS}),
        MessageKind.PUPIL: frozenset({Category.EDUCATION}),
        MessageKind.BIRTH_REGISTRATION: frozenset({Category.IDENTITY_AND_CONTACT}),
        MessageKind.CARE_RECORD: frozenset({Category.SOCIAL_CARE}),
    }
)
