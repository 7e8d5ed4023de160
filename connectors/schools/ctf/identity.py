"""Who a pupil is: numbers, names, birth, languages; and what tells that a pupil is in care."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from connectors.parsing import limits
from connectors.parsing.demographics import is_placeholder_name, postcode_as_compared
from connectors.schools.ctf.fields import Fields
from schemas.identifiers import Identifier, upn_identifier
from schemas.records.message import Demographics
from schemas.records.payloads import Address, PersonDetails
from schemas.vocabulary import IdentifierStatus

SEX_BY_CODE = {"M": "male", "F": "female", "U": "unknown"}


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A pupil as the school knows them; `own_key` is the same in every file of the school."""

    upn: Identifier | None
    former_upn: Identifier | None
    demographics: Demographics
    details: PersonDetails

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The numbers, the present one first."""
        return tuple(number for number in (self.upn, self.former_upn) if number is not None)

    @property
    def own_key(self) -> str:
        """The UPN; a name and birth date beside one that may be another pupil's too."""
        if self.upn is not None and self.upn.is_verified:
            return self.upn.value
        who = self.demographics
        named = (who.family_name, *who.given_names, who.date_of_birth)
        digest = sha256("\x1f".join(part or "" for part in named).encode()).hexdigest()[:16]
        return f"{'' if self.upn is None else self.upn.value}~{digest}"


def identity_of(pupil: Fields, *, home: tuple[Address, ...], in_care: bool) -> Identity:
    """Read it; raises UnreadableMessageError, also when nothing tells the pupil from others."""
    demographics = _demographics(pupil, home)
    upn = upn_in(pupil, "UPN")
    _refuse_unknowable(pupil, upn, demographics)
    basic = pupil.inside("BasicDetails")
    former_upn = upn_in(basic, "FormerUPN")
    former_names = _former_names(pupil, basic)
    # A child placed for adoption is given a new number, so that the old one does not lead to
    # them (DfE UPN guide; DOMAIN section 4.3): in care, or under another name, it is not told.
    if in_care or former_names:
        former_upn = None
    # Nor is a former name that a new number was meant to leave behind.
    if in_care or basic.text("FormerUPN"):
        former_names = ()
    return Identity(
        upn, superseded_upn(former_upn), demographics, _details(pupil, demographics, former_names)
    )


def is_in_care(pupil: Fields) -> bool:
    """Whether the school says that a local authority looks after the pupil."""
    return any(pupil.inside(name).flag("InCare") for name in ("LookedAfter", "LookAfter"))


def upn_in(holder: Fields, name: str) -> Identifier | None:
    """The pupil's number of that name; raises UnreadableMessageError for one that is too long."""
    number = holder.text(name)
    if number is not None and len(number) > limits.IDENTIFIER_CHARACTERS:
        raise holder.refusal(name, "too-long")
    return None if number is None else upn_identifier(number)


def superseded_upn(upn: Identifier | None) -> Identifier | None:
    """A former number says what was; it never links."""
    if upn is None or not upn.is_verified:
        return None
    return Identifier(upn.scheme, upn.value, IdentifierStatus.SUPERSEDED)


def _demographics(pupil: Fields, home: tuple[Address, ...]) -> Demographics:
    family = pupil.text("Surname")
    names = (pupil.text("Forename"), pupil.inside("BasicDetails").text("MiddleNames"))
    given = tuple(name for name in names if name)
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=pupil.date("DOB"),
        postcode=postcode_as_compared(home[0].postcode) if home else None,
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _refuse_unknowable(pupil: Fields, upn: Identifier | None, who: Demographics) -> None:
    if upn is not None and upn.is_verified:
        return
    if who.family_name and who.given_names and who.date_of_birth:
        return
    raise pupil.refusal("UPN", "missing" if upn is None else "not-verified")


def _details(pupil: Fields, who: Demographics, former_names: tuple[str, ...]) -> PersonDetails:
    sex = pupil.text("Sex") or pupil.text("Gender") or ""
    return PersonDetails(
        family_name=who.family_name,
        given_names=who.given_names,
        known_as=_where_different(pupil, "Forename"),
        known_as_family=_where_different(pupil, "Surname"),
        date_of_birth=who.date_of_birth,
        sex=SEX_BY_CODE.get(sex.upper()),
        placeholder_name=who.placeholder_name,
        former_names=former_names,
    )


def _where_different(pupil: Fields, name: str) -> str | None:
    """The preferred name where it is another than the legal one."""
    preferred = pupil.inside("BasicDetails").text(f"Preferred{name}")
    return preferred if preferred != pupil.text(name) else None


def _former_names(pupil: Fields, basic: Fields) -> tuple[str, ...]:
    forename, surname = basic.text("FormerForename"), basic.text("FormerSurname")
    present = (pupil.text("Forename"), pupil.text("Surname"))
    former = (forename or present[0], surname or present[1])
    if former == present:
        return ()
    return (" ".join(name for name in former if name),)


# Languages as BCP 47 tags, or in words where pages know no tag.

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
    spoken = (language_in_words(text) for text in _texts(pupil) if is_told(text))
    return tuple(dict.fromkeys(spoken))


def is_told(text: str) -> bool:
    """Whether a code names a language, and not that it was refused or not obtained."""
    return text.upper() not in _NOT_TOLD


def _texts(pupil: Fields) -> Iterator[str]:
    for kind in pupil.inside("BasicDetails").inside("Languages").each("Type"):
        text = kind.text("Language") or kind.own_text()
        if text:
            yield text


def language_in_words(text: str) -> str:
    """A code as a tag or words; a source's own words, and codes not listed, as they are."""
    if len(text) not in _CODE_LETTERS or not text.isupper():
        return text
    return _BY_CODE.get(text) or _BY_CODE.get(text[:3]) or text
