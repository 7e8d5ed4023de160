"""Why consents permit or do not: codes, each with the sentence a professional is shown."""

from dataclasses import dataclass

from schemas.vocabulary import LabelledCode


class ConsentReason(LabelledCode):
    """Why: a code, and the sentence."""

    PERMITTED = "consent-permits", "A consent in force permits this."
    DENIED = "consent-denies", "A consent in force denies this."
    NO_CONSENT = "no-consent", "No consent is recorded."
    NOTHING_STATED = "nothing-stated", "The consent permits nothing."
    NOT_UNDERSTOOD = "not-understood", "The consent says something that is not understood."
    DRAFT = "consent-draft", "The consent is a draft."
    PROPOSED = "consent-proposed", "The consent is proposed and not agreed."
    REJECTED = "consent-rejected", "The consent was rejected."
    INACTIVE = "consent-inactive", "The consent has ended or was replaced."
    ENTERED_IN_ERROR = "consent-entered-in-error", "The consent was recorded in error."
    NOT_YET = "consent-not-yet", "The consent does not hold yet."
    EXPIRED = "consent-expired", "The consent has run out."
    OTHER_PATIENT = "other-patient", "The consent is about somebody else."
    PATIENT_NOT_STATED = "patient-not-stated", "It is not said whom the data is about."
    OUT_OF_SCOPE = "out-of-scope", "The consent is not about sharing information for this."
    PURPOSE_NOT_STATED = "purpose-not-stated", "It is not said what the data is wanted for."
    PURPOSE_NOT_COVERED = "purpose-not-covered", "The consent does not cover this purpose."
    ACTOR_NOT_STATED = "actor-not-stated", "It is not said who wants the data."
    ACTOR_NOT_COVERED = "actor-not-covered", "The consent does not cover this recipient."
    ACTION_NOT_COVERED = "action-not-covered", "The consent does not cover doing this."
    DATA_NOT_COVERED = "data-not-covered", "The consent does not cover this data."


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """A reason, and the element of the documents that it is about where one is."""

    reason: ConsentReason
    element: str = ""

    @property
    def text(self) -> str:
        """The sentence, with the element named."""
        return f"{self.reason.label} ({self.element})" if self.element else self.reason.label
