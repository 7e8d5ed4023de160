"""Codes with their systems, the code systems that consents name, and which are kinds of which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CONSENT_ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
CONSENT_CATEGORY = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PARTICIPATION_TYPE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
OWN_AGENCY = "urn:tell-once:agency"
OWN_GROUP = "urn:tell-once:group"
OWN_CATEGORY = "urn:tell-once:category"
OWN_EXISTENCE = "urn:tell-once:existence"
OWN_PURPOSE = "urn:tell-once:purpose"
OWN_DUTY_PURPOSE = "urn:tell-once:purpose-under-a-duty"
OWN_ROLE = "urn:tell-once:role"
OWN_SERVICE = "urn:tell-once:service"
UNKNOWN_SYSTEM = ""
"""Of a code that was given without a system: it agrees with the same code in any system."""

_ALIASES = {
    "http://hl7.org/fhir/v3/ActCode": ACT_CODE,
    "urn:oid:2.16.840.1.113883.5.4": ACT_CODE,
    "http://hl7.org/fhir/v3/ActReason": ACT_REASON,
    "urn:oid:2.16.840.1.113883.5.8": ACT_REASON,
    "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse": ACT_REASON,
    "http://hl7.org/fhir/v3/Confidentiality": CONFIDENTIALITY,
    "urn:oid:2.16.840.1.113883.5.25": CONFIDENTIALITY,
    "http://hl7.org/fhir/v3/ParticipationType": PARTICIPATION_TYPE,
    "http://hl7.org/fhir/consentaction": CONSENT_ACTION,
    "http://hl7.org/fhir/consentscope": CONSENT_SCOPE,
    "http://hl7.org/fhir/consentcategorycodes": CONSENT_CATEGORY,
}
"""What the same systems were called in STU3 and in CDA, and a value set given for its system."""


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code and the system that it is from."""

    system: str
    code: str

    def agrees_with(self, other: "Code") -> bool:
        """Whether both say the same, as far as their systems are known."""
        systems = {self.system, other.system} - {UNKNOWN_SYSTEM}
        return self.code == other.code and len(systems) <= 1


def code_of(system: str | None, code: str) -> Code:
    """The code in the current name of its system, without the system's version."""
    name = (system or UNKNOWN_SYSTEM).partition("|")[0].rstrip("/")
    return Code(_ALIASES.get(name, name), code)


# Kinds of purpose, of sensitivity, of confidentiality.
#
# Purposes: HL7 Terminology, CodeSystem v3-ActReason, concepts under PurposeOfUse. By it break the
# glass (BTG) is a kind of emergency treatment, and that of treatment. Sensitivities: CodeSystem
# v3-ActCode under _ActInformationSensitivityPolicy; that ETHUD and OPIOIDUD are kinds of ETH is
# said by IHE PCF (Advanced Security Tag ValueSet). Confidentiality: CodeSystem v3-Confidentiality.
# Of Tell Once's own purposes three are kinds of HL7's; early help and safeguarding are not health
# care.

_KINDS_OF_PURPOSE = {
    "HMARKT": "",
    "HOPERAT": "CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP"
    " HQUALIMP HSYSADMIN MEMADMIN MILCDM MLTRAINING PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV"
    " TRAIN",
    "HSYSADMIN": "LABELING METAMGT",
    "SYSDEV": "HTEST",
    "HPAYMT": "CLMATTCH COVAUTH COVERAGE PMTDS REMITADV",
    "COVERAGE": "ELIGDTRM ELIGVER ENROLLM MILDCRG",
    "HRESCH": "BIORCH CLINTRCH DSRCH POARCH TRANSRCH",
    "CLINTRCH": "CLINTRCHNPC CLINTRCHPC PRECLINTRCH",
    "PATRQT": "FAMRQT PWATRNY SUPNWK",
    "PUBHLTH": "DISASTER THREAT",
    "TREAT": "CLINTRL COC ETREAT POPHLTH TREATDS",
    "ETREAT": "BTG ERTREAT",
    "PurposeOfUse": "HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT",
}
_KINDS_OF_SENSITIVITY = {
    "SPI": "BH",
    "BH": "COGN DVD EMOTDIS MH PSY PSYTHPN SUD",
    "SUD": "ETHUD OPIOIDUD",
    "ETH": "ETHUD OPIOIDUD",
}
_OTHER_SENSITIVITIES = "GDIS HIV IDS MST PREGNANT SCA SDV SEX SICKLE STD TBOO VIO"
_LEVELS = "ULMNRV"
"""Unrestricted, low, moderate, normal, restricted, very restricted."""


def _parents(system: str, kinds: Mapping[str, str]) -> dict[Code, frozenset[Code]]:
    parents: dict[Code, set[Code]] = {}
    for general, specials in kinds.items():
        for special in specials.split():
            parents.setdefault(Code(system, special), set()).add(Code(system, general))
    return {special: frozenset(generals) for special, generals in parents.items()}


_OWN_PURPOSES = {
    Code(OWN_PURPOSE, "direct-care"): frozenset({Code(ACT_REASON, "TREAT")}),
    Code(OWN_PURPOSE, "service-improvement"): frozenset({Code(ACT_REASON, "HQUALIMP")}),
    Code(OWN_PURPOSE, "subject-access"): frozenset({Code(ACT_REASON, "PATRQT")}),
}
_PARENTS = {
    **_parents(ACT_REASON, _KINDS_OF_PURPOSE),
    **_parents(ACT_CODE, _KINDS_OF_SENSITIVITY),
    **_OWN_PURPOSES,
}
PURPOSES = frozenset(code.code for code in _PARENTS if code.system == ACT_REASON)
SENSITIVITIES = frozenset(
    " ".join(
        (*_KINDS_OF_SENSITIVITY, *_KINDS_OF_SENSITIVITY.values(), _OTHER_SENSITIVITIES)
    ).split()
)
LEVELS = frozenset(_LEVELS)


def covers(general: Code, special: Code) -> bool:
    """Whether the special code is the general one or a kind of it."""
    if general.agrees_with(special):
        return True
    return any(covers(general, parent) for parent in _PARENTS.get(special, ()))


def most_special(codes: Iterable[Code]) -> frozenset[Code]:
    """The codes without those of which another one among them is a kind."""
    known = frozenset(codes)
    return frozenset(
        code for code in known if not any(o != code and covers(code, o) for o in known)
    )


def level_of(code: Code) -> int | None:
    """How high a confidentiality is, the unrestricted lowest; None for any other label."""
    if code.system != CONFIDENTIALITY or code.code not in LEVELS:
        return None
    return _LEVELS.index(code.code)


# That there are records of a category, which may be known where they may not be read.

EXISTENCE_OF = "existence-of-"


def existence_of(categories: Iterable[Code] | None) -> frozenset[Code] | None:
    """The labels of the mere fact that there are records of these categories."""
    if categories is None:
        return None
    return frozenset(Code(OWN_EXISTENCE, EXISTENCE_OF + category.code) for category in categories)
