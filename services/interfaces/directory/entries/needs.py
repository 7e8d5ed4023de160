"""What families look for, as a short list, and how it is found in what services say of themselves.

Every feed has a taxonomy of its own, and none of them is a list that a parent would choose from. So
each need is known by its own term and by words in the names of others' terms, of the service, and
of what it says in its first sentence.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from schemas.vocabulary import LabelledCode

_NAMESPACE: Final = UUID("3d1b8c0e-8f43-5d77-9a5e-4c2f1a6b7d90")
TAXONOMY_NAME: Final = "tell-once-needs"
TAXONOMY_ID: Final = str(uuid5(_NAMESPACE, TAXONOMY_NAME))


class Need(LabelledCode):
    """What somebody looks for."""

    FEEDING = "infant-feeding", "Feeding a baby"
    TALKING = "talking-and-play", "Talking and play"
    LOW = "feeling-low", "Feeling low or worried"
    PREGNANCY = "pregnancy-and-birth", "Pregnancy and birth"
    REGISTERING = "birth-registration", "Registering a birth"
    HEALTH_VISITING = "health-visiting", "Health visiting"
    SLEEP = "sleep", "Sleep"
    PARENTING = "parenting", "Being a parent"
    RELATIONSHIPS = "relationships", "Getting on with each other"
    MONEY = "money-and-home", "Money and home"
    FOOD = "food", "Food and nappies"
    BODY = "staying-healthy", "Teeth, sight, hearing and staying healthy"
    SEND = "send", "Special needs and disability"
    ACTIVITIES = "activities", "Clubs and activities"
    CHILDCARE = "childcare", "Childcare"
    SUBSTANCES = "alcohol-and-drugs", "Alcohol, drugs and smoking"
    SAFETY = "safety-at-home", "Being safe at home"
    YOUTH = "young-people", "Young people"
    TRANSPORT = "transport", "Getting there"


def term_id(need: Need) -> str:
    """The id of its own term."""
    return str(uuid5(_NAMESPACE, need.value))


def term_of(need: Need) -> dict[str, Any]:
    """Its own term, as published."""
    return {
        "id": term_id(need),
        "name": need.label,
        "description": need.label,
        "taxonomy": TAXONOMY_NAME,
        "taxonomy_id": TAXONOMY_ID,
    }


_STEMS: Final[dict[Need, str]] = {
    Need.FEEDING: r"breast ?feed|bottle feed|infant feed|feeding",
    Need.TALKING: r"talk(ing)?\b|speech|language|play|rhyme|sing|stay and|story ?time|messy",
    Need.LOW: r"mental health|perinatal|anxi|depress|low mood|counsel|wellbeing|bereave|worri",
    Need.PREGNANCY: r"pregnan|antenatal|midwi|matern|birth(?! (registration|certificate))|bumps",
    Need.REGISTERING: r"birth registration|register(ing)? (a |the )?birth|registrar",
    Need.HEALTH_VISITING: r"health visit|weigh|baby clinic",
    Need.SLEEP: r"\bsleep",
    Need.PARENTING: r"parenting|triple p|incredible years|dads?\b|father",
    Need.RELATIONSHIPS: r"parental conflict|mediation|separat|relationship",
    Need.MONEY: r"debt|benefit|welfare|money|housing|homeless|rent\b|energy bill",
    Need.FOOD: r"food ?bank|larder|nappies|nappy|clothes|school uniform|baby bank",
    Need.BODY: r"oral health|dental|dentist|\bteeth|tooth|hearing(?! loop)|\bsight\b|eyesight"
    r"|\bvision\b|nutrition|weight management|healthy (eating|weight)|public health|vaccin|immunis",
    Need.SEND: r"\bsend\b|special educational|disab|autis|adhd|sensory|portage",
    Need.ACTIVITIES: r"activit|club|sport|swim|dance|craft|holiday|scout|guides?\b",
    Need.CHILDCARE: r"childcare|nursery|childmind|pre-?school|creche",
    Need.SUBSTANCES: r"alcohol|drug|substance|smok|addict|recovery",
    Need.SAFETY: r"domestic (abuse|violence)|refuge\b|\bidva\b|women'?s aid|safe at home",
    Need.YOUTH: r"youth|young people|teen",
    Need.TRANSPORT: r"transport|bus pass|minibus|car scheme",
}
_KNOWN: Final = [(need, re.compile(stems, re.IGNORECASE)) for need, stems in _STEMS.items()]
# Whose address may bring somebody there whom people fled from.
_SENSITIVE: Final = re.compile(
    r"domestic (abuse|violence)|refuge\b|\bidva\b|women.?s aid|safe house|sexual (abuse|violence)"
    r"|forced marriage|honou?r[- ]based|modern slavery",
    re.IGNORECASE,
)


def needs_in(terms: Iterable[tuple[str, str]], texts: Iterable[str]) -> tuple[Need, ...]:
    """What it helps with, by ids and names of its terms, and by what it says."""
    known = list(terms)
    own = {term_id(need): need for need in Need}
    found = {own[term] for term, _ in known if term in own}
    if found:
        return tuple(sorted(found))
    said = " \n ".join([*(name for _, name in known), *texts])
    return tuple(sorted(need for need, stems in _KNOWN if stems.search(said)))


def is_sensitive(texts: Iterable[str]) -> bool:
    """Whether it is of a sort whose address is shown to nobody, whoever published it."""
    return any(_SENSITIVE.search(text) for text in texts)


class MeetingWay(StrEnum):
    """How one comes together."""

    THERE = "in-person"
    HOME = "at-home"
    ONLINE = "online"


class PlaceAccess(LabelledCode):
    """What a place has for who needs it."""

    STEP_FREE = "step-free", "step-free"
    HEARING_LOOP = "hearing-loop", "hearing loop"
    TOILET = "accessible-toilet", "accessible toilet"
    PARKING = "blue-badge-parking", "Blue Badge parking"


_ACCESS: Final = {
    PlaceAccess.STEP_FREE: re.compile(
        r"step.free|wheelchair|level access|\bramp|\blift\b", re.IGNORECASE
    ),
    PlaceAccess.HEARING_LOOP: re.compile(r"(hearing|induction) loop|t-?coil", re.IGNORECASE),
    PlaceAccess.TOILET: re.compile(
        r"(accessible|disabled) (wc|toilet)|changing place", re.IGNORECASE
    ),
    PlaceAccess.PARKING: re.compile(
        r"blue badge|accessible parking|disabled parking", re.IGNORECASE
    ),
}
_HAS_NOT: Final = re.compile(r"\b(no|not|without)\b[^.;,]{0,30}", re.IGNORECASE)


def access_in(text: str) -> tuple[PlaceAccess, ...]:
    """What the words about a place say that it has; what it has not is not counted."""
    said = _HAS_NOT.sub(" ", text)
    return tuple(access for access, words in _ACCESS.items() if words.search(said))


LANGUAGES: Final = {
    "en": "English",
    "ar": "Arabic",
    "bn": "Bengali",
    "bfi": "British Sign Language",
    "fa": "Farsi",
    "pa": "Panjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "uk": "Ukrainian",
    "ur": "Urdu",
}
"""Those that can be asked for, by their codes."""
_BY_NAME: Final = {
    **{name.casefold(): code for code, name in LANGUAGES.items()},
    "bsl": "bfi",
    "eng": "en",
    "pol": "pl",
    "urd": "ur",
    "punjabi": "pa",
    "bangla": "bn",
    "persian": "fa",
}


def language_code(name: str, code: str) -> str | None:
    """The code of a language as somebody wrote it, where it is one that can be asked for."""
    short = code.strip().casefold()[:2] if code.strip().casefold() not in _BY_NAME else ""
    if code.strip().casefold() in LANGUAGES:
        return code.strip().casefold()
    return _BY_NAME.get(name.strip().casefold()) or (short if short in LANGUAGES else None)
