"""The DfE's language codes as BCP 47 tags, or in words where pages know no tag."""

from collections.abc import Iterator

from connectors.schools.fields import Fields

# Source: DfE, common basic data set, language. Only the first three letters are looked at: a
# fourth tells a variety (BNGS is Sylheti), which is kept where people ask for it by name.
_BY_CODE = {
    "AFK": "Afrikaans",
    "AKA": "Akan (Twi or Fante)",
    "ALB": "sq",
    "AMR": "Amharic",
    "ARA": "ar",
    "ARM": "Armenian",
    "BEL": "Belarusian",
    "BNG": "bn",
    "BNGS": "Bengali (Sylheti)",
    "BSL": "bfi",
    "BUL": "Bulgarian",
    "CHI": "zh",
    "CHIC": "yue",
    "CHIM": "Chinese (Mandarin)",
    "CZE": "Czech",
    "CYM": "cy",
    "DUT": "Dutch",
    "ENB": "English (as far as is known)",
    "ENG": "en",
    "FRN": "fr",
    "GER": "German",
    "GRE": "Greek",
    "GUJ": "gu",
    "HAU": "Hausa",
    "HEB": "Hebrew",
    "HIN": "hi",
    "HUN": "Hungarian",
    "IGB": "Igbo",
    "ITA": "it",
    "JPN": "Japanese",
    "KUR": "ku",
    "LIT": "lt",
    "LTV": "Latvian",
    "MLM": "Malayalam",
    "NEP": "Nepali",
    "OTB": "Other than English (as far as is known)",
    "OTH": "Other than English",
    "PAT": "ps",
    "PNJ": "pa",
    "POL": "pl",
    "POR": "pt",
    "PRS": "fa",
    "RMN": "ro",
    "RUS": "Russian",
    "SLO": "Slovak",
    "SOM": "so",
    "SPA": "es",
    "SWA": "Swahili",
    "TAM": "ta",
    "TEL": "Telugu",
    "TGR": "ti",
    "TUR": "tr",
    "UKR": "uk",
    "URD": "ur",
    "VIE": "Vietnamese",
    "YOR": "Yoruba",
}
_NOT_TOLD = frozenset({"NOT", "REF", "NOB"})
_CODE_LETTERS = (3, 4)


def languages_of(pupil: Fields) -> tuple[str, ...]:
    """What is spoken, each language once; nothing where it was not obtained or was refused."""
    spoken = (_in_words(text) for text in _texts(pupil) if text.upper() not in _NOT_TOLD)
    return tuple(dict.fromkeys(spoken))


def _texts(pupil: Fields) -> Iterator[str]:
    for kind in pupil.inside("BasicDetails").inside("Languages").each("Type"):
        text = kind.text("Language") or kind.own_text()
        if text:
            yield text


def _in_words(text: str) -> str:
    """A code as a tag or words; a source's own words, and codes not listed, as they are."""
    if len(text) not in _CODE_LETTERS or not text.isupper():
        return text
    return _BY_CODE.get(text) or _BY_CODE.get(text[:3]) or text
