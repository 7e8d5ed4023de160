"""What a FHIR Consent can say of a sharing decision, and how each part is written in it.

Within the structure of IHE PCF: one patient, scope patient-privacy, a policy URI, one provision
whose actors are recipients (IRCP) and which has neither action, class, code nor nested provisions.
What PCF has no place for stands in codes of our own: categories of data as security labels (the
value set is extensible), response, basis and Art. 9 condition as further categories of the consent,
agencies and roles as identified actors, sources as the author of the data, statutes as further
policies. What decides nothing for a reader stands in extensions (see extensions), so that one who
passes over them is never let through further than our own rules would.
"""

from collections.abc import Mapping

from consent.lawfulness import Basis, Gateway
from consent.model import DeciderKind, Mode, Response
from schemas.vocabulary import Purpose

RESPONSE = "urn:tell-once:response"
BASIS = "urn:tell-once:basis"
ARTICLE_9 = "urn:tell-once:article-9"
DECIDER = "urn:tell-once:decider:"
DECISION = "urn:tell-once:decision"
WITHDRAWAL = "urn:tell-once:withdrawal"
EVIDENCE = "urn:tell-once:evidence"
PERSON = "urn:tell-once:person"
LABEL = "urn:tell-once:label"
PARENTS_ARE_NOT_TOLD = "parents-are-not-told"
LOINC = "http://loinc.org"
LOINC_CONSENT = "59284-0"

DENYING = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})
SILENT = frozenset({Response.NOT_ASKED})
"""A decision that neither permits nor denies: written as a denial that is only a draft."""

USUAL_MODES = {
    Response.GIVEN: Mode.CONTENT,
    **dict.fromkeys(DENYING | SILENT, Mode.EXISTENCE),
}
"""What a Consent without a word about it means: to read, or not even to know of it."""

DECIDER_TYPES = {
    DeciderKind.PARENT: "RelatedPerson",
    DeciderKind.YOUNG_PERSON: "Patient",
    DeciderKind.ADULT_SELF: "Patient",
    DeciderKind.PRACTITIONER: "Practitioner",
}
HL7_PURPOSES = {
    "TREAT": Purpose.DIRECT_CARE,
    "HQUALIMP": Purpose.SERVICE_IMPROVEMENT,
    "PATRQT": Purpose.SUBJECT_ACCESS,
}
"""Purposes of others that mean one of ours; others are refused."""
USUAL_BASIS = Basis.CONSENT

LEGISLATION = "https://www.legislation.gov.uk"
STATUTES: Mapping[Gateway, str] = {
    Gateway.CHILDREN_ACT_1989_S17: f"{LEGISLATION}/ukpga/1989/41/section/17",
    Gateway.CHILDREN_ACT_1989_S47: f"{LEGISLATION}/ukpga/1989/41/section/47",
    Gateway.CHILDREN_ACT_2004_S10: f"{LEGISLATION}/ukpga/2004/31/section/10",
    Gateway.CHILDREN_ACT_2004_S11: f"{LEGISLATION}/ukpga/2004/31/section/11",
    Gateway.CHILDREN_ACT_2004_S16LA: f"{LEGISLATION}/ukpga/2004/31/section/16LA",
    Gateway.CARE_ACT_2014: f"{LEGISLATION}/ukpga/2014/23",
    Gateway.EDUCATION_ACT_2002_S175: f"{LEGISLATION}/ukpga/2002/32/section/175",
    Gateway.DIGITAL_ECONOMY_ACT_2017_S35: f"{LEGISLATION}/ukpga/2017/30/section/35",
    Gateway.CRIME_AND_DISORDER_ACT_1998: f"{LEGISLATION}/ukpga/1998/37",
}
"""The address of each statute: Consent.policy refers to law too (FHIR R4, Consent.policy)."""
