"""Who can decide, as pages ask for it."""

from typing import assert_never

from consent.model import DeciderKind
from schemas.vocabulary import LabelledCode


class DecidedBy(LabelledCode):
    """Who decided, in words that tell deciders about one child apart and name nobody."""

    MOTHER = "mother", "Mother, who has parental responsibility"
    FATHER = "father", "Father, who has parental responsibility"
    OTHER_PARENT = "other-parent", "Somebody else who has parental responsibility"
    YOUNG_PERSON = "young-person", "The young person, judged competent to decide this"
    ADULT_SELF = "adult-self", "An adult, for themselves"
    PRACTITIONER = "practitioner", "I decided this as a practitioner, on a statutory basis"

    @property
    def kind(self) -> DeciderKind:
        """In what capacity they decided."""
        match self:
            case DecidedBy.MOTHER | DecidedBy.FATHER | DecidedBy.OTHER_PARENT:
                return DeciderKind.PARENT
            case DecidedBy.YOUNG_PERSON:
                return DeciderKind.YOUNG_PERSON
            case DecidedBy.ADULT_SELF:
                return DeciderKind.ADULT_SELF
            case DecidedBy.PRACTITIONER:
                return DeciderKind.PRACTITIONER
            case _:
                assert_never(self)


OF_THE_FAMILY = tuple(who for who in DecidedBy if who is not DecidedBy.PRACTITIONER)
"""Who may object: a practitioner who does not want to share ends what they decided."""
