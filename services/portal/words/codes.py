"""What a sharing decision says, and what helps somebody to be understood, a few words at a time."""

from collections.abc import Iterable
from operator import itemgetter

from consent.decisions.states import DecisionState
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response, SharingDecision, TakenBack
from schemas.vocabulary import LabelledCode, Role, Source
from services.portal.decisions.who import DecidedBy
from services.portal.words.cards import NOT_GIVEN, Fact, Tag, absent, said_by, side_by_side
from services.profile.model import CommunicationView

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
    DecisionState.PROPOSED: "yellow",
}


def state_tag(state: DecisionState) -> Tag:
    """Say what the decision is now."""
    return Tag(state.label, _COLOURS.get(state, "grey"))


def decider_in_words(said: SharingDecision) -> str:
    """Say who decided; a reference this portal does not know is left out."""
    return _who_in_words(said.decided_by)


def _who_in_words(decider: Decider) -> str:
    if decider.kind is not DeciderKind.PRACTITIONER:
        try:
            return DecidedBy(decider.reference).label
        except ValueError:
            pass
    return decider.kind.label


def recipient_in_words(recipient: str) -> str:
    """Say whom a decision names: an agency, a role, one practitioner or one listed service."""
    kind, _, code = recipient.partition(":")
    match kind:
        case "agency":
            return _label(Source, code)
        case "role":
            return _label(Role, code)
        case "service":
            return "One service that was asked to help"
        case _:
            return "One named practitioner"


def recipients_in_words(recipients: Iterable[str]) -> list[str]:
    """Say whom a decision names; nobody named is everybody."""
    named = [recipient_in_words(recipient) for recipient in recipients]
    return named or ["Every service that works with the family"]


def withdrawn_in_words(said: SharingDecision) -> str:
    """Say what was taken back: consent is withdrawn, an agreement or a no is taken back."""
    match said.response:
        case Response.GIVEN if said.basis is Basis.CONSENT:
            return "Consent withdrawn"
        case Response.GIVEN:
            return "Agreement taken back"
        case Response.REFUSED:
            return "Refusal taken back"
        case Response.OBJECTED:
            return "Objection taken back"
        case _:
            return "Taken back"


def withdrawing_in_words(said: SharingDecision) -> str:
    """Say what it means to take this back."""
    if said.response is not Response.GIVEN:
        return (
            "This would no longer stand against sharing, and more could be shown. So somebody "
            "else has to confirm it: the family itself, or another service that works with it. "
            "Until then it stands."
        )
    what = (
        "The family withdraws its consent."
        if said.basis is Basis.CONSENT
        else "The family no longer agrees. The ground was not consent, but it counts as a no."
    )
    return (
        f"{what} It ends now, for everyone, with the very next page. What was seen before stays "
        "in the list of who has looked."
    )


def staying_in_words(said: SharingDecision) -> tuple[str, ...]:
    """Say what taking this back does not change."""
    kept = "Each service keeps its own records, as it did before."
    if said.response is not Response.GIVEN:
        return (kept, "What else the family said no to stays a no.")
    return (
        kept,
        "What the law requires, and what an emergency opens, is still shared.",
        "Other decisions of the family stay as they are.",
    )


def taker_back_in_words(told: TakenBack) -> str:
    """Say who took it back; somebody whom only a reference tells is told by their capacity."""
    return _who_in_words(told.by)


def _label(codes: type[LabelledCode], code: str) -> str:
    try:
        return codes(code).label
    except ValueError:
        return code


# What helps somebody to be understood.

# BCP 47 primary subtags that councils meet most; any other is shown as the source wrote it.
_LANGUAGES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "bfi": "British Sign Language",
    "cy": "Welsh",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "gu": "Gujarati",
    "hi": "Hindi",
    "it": "Italian",
    "ku": "Kurdish",
    "lt": "Lithuanian",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "sq": "Albanian",
    "ta": "Tamil",
    "ti": "Tigrinya",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "yue": "Cantonese",
    "zh": "Chinese",
}


def language_in_words(code: str) -> str:
    """Write a language tag in English; the source's own words stay as they are."""
    return _LANGUAGES.get(code.partition("-")[0].lower(), code)


def languages_to_choose() -> list[tuple[str, str]]:
    """Give the language tags that this portal knows in English, with their names, by name."""
    return sorted(_LANGUAGES.items(), key=itemgetter(1))


def languages_in_words(codes: Iterable[str]) -> str:
    """Write the languages somebody speaks."""
    return "Speaks " + ", ".join(language_in_words(code) for code in codes)


def communication_facts(views: Iterable[CommunicationView]) -> tuple[Fact, ...]:
    """Write what each source says helps this person to be understood."""
    claims = [(text, said_by(view.provenance)) for view in views if (text := _in_words(view))]
    return side_by_side(claims) or (absent(f"No communication needs recorded {NOT_GIVEN}"),)


def _in_words(view: CommunicationView) -> str:
    parts: list[str] = []
    if view.needs.languages:
        parts.append(languages_in_words(view.needs.languages))
    if view.needs.interpreter_needed is not None:
        parts.append(
            "interpreter needed" if view.needs.interpreter_needed else "no interpreter needed"
        )
    parts.extend(view.needs.needs)
    return "; ".join(parts)
