"""Words for codes that come without any: what health visitors measure and what is screened for.

A source's own words come first; these stand in where it sends a bare code. The words are ours.
Sources of the codes: Digital Child Health (CareConnect, STU3), observations-1, newborn-hearing-1,
nipe-outcome-1, blood-spot-test-outcome-1 and DCH-ChildHealthEncounterType-1; HL7 FHIR, vital signs
profile and US Core, paediatric vital signs (LOINC); HL7 v2 table 0078 (interpretation);
HL7 v3 ActSite and ActReason (where a vaccine is given, and why none is).
"""

from collections.abc import Mapping
from typing import Final

_SNOMED: Final = "SNOMED CT"
_LOINC: Final = "LOINC"
_ENCOUNTERS: Final = "DCH-ChildHealthEncounterType-1"
_ACT_SITE: Final = "HL7 ActSite"
_ACT_REASON: Final = "HL7 ActReason"
_NAMES: Final = {
    "snomed": _SNOMED,
    "2.16.840.1.113883.2.1.3.2.4.15": _SNOMED,
    "2.16.840.1.113883.6.96": _SNOMED,
    "loinc": _LOINC,
    "childhealthencountertype": _ENCOUNTERS,
    "actsite": _ACT_SITE,
    "2.16.840.1.113883.5.1052": _ACT_SITE,
    "actreason": _ACT_REASON,
    "2.16.840.1.113883.5.8": _ACT_REASON,
    "read.info": "Read",
    "readv2": "Read",
}

_GROWTH: Final = {
    "27113001": "Body weight",
    "29463-7": "Body weight",
    "3141-9": "Body weight",
    "364589006": "Birth weight",
    "8339-4": "Birth weight",
    "50373000": "Body height",
    "1153637007": "Body height",
    "8302-2": "Body height",
    "248334005": "Body length",
    "8306-3": "Body length, lying",
    "363812007": "Head circumference",
    "9843-4": "Head circumference",
    "8287-5": "Head circumference, by tape measure",
    "169876006": "Birth head circumference",
    "60621009": "Body mass index",
    "39156-5": "Body mass index",
    "896691000000102": "Body mass index centile",
    "59576-9": "Body mass index centile, for age and sex",
    "8289-1": "Head circumference centile",
    "77606-2": "Weight-for-length centile",
    "412726003": "Length of gestation",
}
_VITAL_SIGNS: Final = {
    "75367002": "Blood pressure",
    "85354-9": "Blood pressure",
    "72313002": "Systolic blood pressure",
    "271649006": "Systolic blood pressure",
    "8480-6": "Systolic blood pressure",
    "1091811000000102": "Diastolic blood pressure",
    "271650006": "Diastolic blood pressure",
    "8462-4": "Diastolic blood pressure",
    "364075005": "Heart rate",
    "8867-4": "Heart rate",
    "86290005": "Respiratory rate",
    "9279-1": "Respiratory rate",
    "386725007": "Body temperature",
    "8310-5": "Body temperature",
    "431314004": "Oxygen saturation",
    "2708-6": "Oxygen saturation",
    "59408-5": "Oxygen saturation",
}
_SCREENING: Final = {
    "276771000000107": "Newborn hearing screening outcome",
    "310240007": "Hearing screening status",
    "413083006": "Hearing test by automated brainstem response",
    "446077009": "Hearing test by automated otoacoustic emission",
    "1085451000000103": "Brainstem response of the right ear: clear",
    "1085431000000105": "Brainstem response of the left ear: clear",
    "1085501000000100": "Otoacoustic emission of the right ear: clear",
    "1085491000000106": "Otoacoustic emission of the left ear: clear",
    "276781000000109": "Hearing screening completed: clear response, no follow-up required",
    "985531000000102": "Hip examination",
    "985891000000104": "Right hip: abnormality suspected, with a risk factor",
    "989071000000108": "Eyes: no abnormality and no risk factor",
    "988511000000100": "Heart: no abnormality and no risk factor",
    "988931000000101": "Testes: no abnormality",
    "988361000000105": "Eye examination",
    "988351000000107": "Heart examination",
    "988371000000103": "Testis examination",
    "314081000": "Phenylketonuria screening",
    "314090007": "Sickle cell disease screening",
    "314080004": "Cystic fibrosis screening",
    "171191008": "Cystic fibrosis screening",
    "400984005": "Congenital hypothyroidism screening",
    "428056008": "Screening for MCADD",
    "940201000000107": "Homocystinuria screening",
    "940221000000103": "Maple syrup urine disease screening",
    "940131000000109": "Glutaric aciduria type 1 screening",
    "940151000000102": "Isovaleric acidaemia screening",
}
_LEGAL: Final = {
    "764841000000100": "Looked after by the local authority",
    "1064311000000109": "Child protection plan",
}
_PLACES: Final = {
    "25577004": "Right ear",
    "89644007": "Left ear",
    "18944008": "Right eye",
    "8966001": "Left eye",
    "287579007": "Right hip",
    "287679003": "Left hip",
    "24028007": "Right",
    "7771000": "Left",
    "51440002": "Right and left",
}
_ENCOUNTER_TYPES: Final = {
    "001": "Birth discharge",
    "002": "Maternity discharge",
    "003": "Birth",
    "004": "Review after birth",
    "005": "Discharge from community midwife",
    "006": "Newborn and infant physical examination",
    "007": "Newborn hearing screening",
    "008": "Newborn blood spot screening",
    "009": "6 to 8 week review by the GP",
    "0010": "BCG immunisation",
    "0011": "Immunisations at 8 weeks",
    "0012": "Immunisations at 12 weeks",
    "0013": "Immunisations at 16 weeks",
    "0014": "Immunisations at 1 year",
    "0015": "Immunisations before school",
    "0016": "HPV immunisations",
    "0017": "Teenage booster immunisations",
    "0018": "Influenza immunisations",
    "0019": "Early years progress at 2 to 2½ years",
    "0020": "2 to 2½ year review",
    "0021": "1 year review",
    "0022": "6 to 8 week review",
    "0023": "New birth visit",
    "0024": "School entry review",
    "0025": "National child measurement programme",
    "0026": "Health review when needed",
    "0027": "Immunisation when needed",
    "0028": "GP appointment",
}
_SITES: Final = {
    "LA": "Left arm",
    "RA": "Right arm",
    "LD": "Left deltoid",
    "RD": "Right deltoid",
    "LT": "Left thigh",
    "RT": "Right thigh",
    "LVL": "Left vastus lateralis",
    "RVL": "Right vastus lateralis",
    "LG": "Left gluteus medius",
    "RG": "Right gluteus medius",
    "BU": "Buttock",
    "368208006": "Left upper arm",
    "368209003": "Right upper arm",
    "61396006": "Left thigh",
    "11207009": "Right thigh",
}
_REASONS: Final = {
    "IMMUNE": "immune already",
    "MEDPREC": "medical precaution",
    "OSTOCK": "product out of stock",
    "PATOBJ": "declined by or for the patient",
}
_ALL: Final = {**_GROWTH, **_VITAL_SIGNS, **_SCREENING, **_LEGAL, **_PLACES}
_LABELS: Final[Mapping[str | None, Mapping[str, str]]] = {
    _SNOMED: {code: words for code, words in {**_ALL, **_SITES}.items() if code.isdigit()},
    _LOINC: {code: words for code, words in _ALL.items() if "-" in code},
    _ENCOUNTERS: _ENCOUNTER_TYPES,
    _ACT_SITE: _SITES,
    _ACT_REASON: _REASONS,
    None: _ALL,
}
_WITHOUT_UNIT: Final = "centile"
_LONG: Final = 8
# Where several codings stand side by side, these say more than the others.
_MORE_EXACT: Final = frozenset({"364589006", "8339-4", "169876006"})

INTERPRETATIONS: Final[Mapping[str, str]] = {
    "H": "high",
    "HH": "critically high",
    "L": "low",
    "LL": "critically low",
    "N": "normal",
    "A": "abnormal",
    "AA": "critically abnormal",
    "POS": "positive",
    "NEG": "negative",
    "IND": "indeterminate",
}
"""What a result is beside others, by HL7's codes."""


def label_of(system: str | None, code: str | None) -> str | None:
    """Our words for a code of that system; a code that names no system may be of any.

    A long number is SNOMED's whatever the address: value sets of the NHS stand in its place.
    """
    found = _LABELS.get(_system_known(system), {}).get(code or "")
    if found is None and code is not None and code.isdigit() and len(code) >= _LONG:
        return _LABELS[_SNOMED].get(code)
    return found


def is_more_exact(code: str | None) -> bool:
    """Whether the code says more than those that usually stand beside it: of weights, at birth."""
    return code in _MORE_EXACT


def needs_a_unit(code: str | None) -> bool:
    """Whether an amount of this is nothing without a unit: weights, heights, vital signs."""
    words = _GROWTH.get(code or "") or _VITAL_SIGNS.get(code or "")
    return words is not None and _WITHOUT_UNIT not in words


def in_its_system(system: str | None, code: str) -> str:
    """A code as one may look it up: "LOINC 1234-5"."""
    tail = (system or "").rstrip("/").rpartition("/")[2]
    return f"{_system_known(system) or tail or 'code'} {code}"


def _system_known(system: str | None) -> str | None:
    """The name of a code system, by its address; empty for another, None where none is named."""
    if not system:
        return None
    folded = system.casefold()
    return next((name for part, name in _NAMES.items() if part in folded), "")
