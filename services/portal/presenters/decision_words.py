"""What a sharing decision says, a few words at a time."""

from collections.abc import Iterable

from consent.decision_states import DecisionState
from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from schemas.vocabulary import LabelledCode, Role, Source
from services.portal.deciders import DecidedBy
from services.portal.decision_ports import DecisionSummary
from services.portal.presenters.cards import Tag

PARENTS_ARE_NOT_TOLD = "The young person has asked that their parents are not told."
PARENTS_TAG = Tag("Parents are not told", "red")
THE_LAW_REQUIRES = (
    "The law requires this to be shared. The family can neither withdraw it nor object to it. "
    "A practitioner can end it when the duty no longer applies."
)

_COLOURS = {
    DecisionState.IN_FORCE: "green",
    DecisionState.DUE_FOR_REVIEW: "yellow",
    DecisionState.WITHDRAWN: "red",
}


def state_tag(state: DecisionState) -> Tag:
    """Say what the decision is now."""
    return Tag(state.label, _COLOURS.get(state, "grey"))


def decider_in_words(decision: DecisionSummary) -> str:
    """Say who decided; a reference this portal does not know is left out."""
    if decision.decider_kind is not DeciderKind.PRACTITIONER:
        try:
            return DecidedBy(decision.decider_reference).label
        except ValueError:
            pass
    return decision.decider_kind.label


def recipient_in_words(recipient: str) -> str:
    """Say whom a decision names: an agency, a role or one practitioner."""
    kind, _, code = recipient.partition(":")
    match kind:
        case "agency":
            return _label(Source, code)
        case "role":
            return _label(Role, code)
        case _:
            return "One named practitioner"


def recipients_in_words(recipients: Iterable[str]) -> list[str]:
    """Say whom a decision names; nobody named is everybody."""
    named = [recipient_in_words(recipient) for recipient in recipients]
    return named or ["Every service that works with the family"]


def withdrawn_in_words(decision: DecisionSummary) -> str:
    """Say what was taken back: consent is withdrawn, an agreement or a no is taken back."""
    match decision.response:
        case Response.GIVEN if decision.basis is Basis.CONSENT:
            return "Consent withdrawn"
        case Response.GIVEN:
            return "Agreement taken back"
        case Response.REFUSED:
            return "Refusal taken back"
        case Response.OBJECTED:
            return "Objection taken back"
        case _:
            return "Taken back"


def withdrawing_in_words(decision: DecisionSummary) -> str:
    """Say what it means to take this back."""
    if decision.response is not Response.GIVEN:
        return (
            "From now on this no longer stands against sharing. Anything else that was decided "
            "counts again."
        )
    what = (
        "The family withdraws its consent."
        if decision.basis is Basis.CONSENT
        else "The family no longer agrees. The ground was not consent, but it counts as a no."
    )
    return (
        f"{what} It ends now, for everyone, with the very next page. What was seen before stays "
        "in the list of who has looked."
    )


def _label(codes: type[LabelledCode], code: str) -> str:
    try:
        return codes(code).label
    except ValueError:
        return code
