"""What helps somebody to be understood."""

from collections.abc import Iterable
from operator import itemgetter

from services.aggregation.profile import CommunicationView
from services.portal.presenters.cards import NOT_GIVEN, Fact, absent, said_by, side_by_side

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
