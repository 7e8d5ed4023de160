"""What IHE BALP 1.1.4 constrains of an AuditEvent, profile by profile.

Written by hand from the profiles (IHE/ITI.BasicAudit at tag 1.1.4, `input/fsh`, CC-BY-4.0), not
copied: cardinalities, fixed codes and slices. A slice is told by the code of its `type`; of an
agent that is a CodeableConcept, of an entity a Coding. What is only encouraged is not here.
"""

from dataclasses import dataclass

from services.audit.exports.fhir_profiles import BalpProfile

Code = tuple[str, str]

_T = "http://terminology.hl7.org/CodeSystem/"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_BALP = "https://profiles.ihe.net/ITI/BALP/CodeSystem/"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"

ANY = 10**6
REST: Code = (f"{_T}audit-event-type", "rest")
PERSON: Code = (f"{_T}audit-entity-type", "1")
SYSTEM_OBJECT: Code = (f"{_T}audit-entity-type", "2")
PATIENT_ROLE: Code = (f"{_T}object-role", "1")
QUERY_ROLE: Code = (f"{_T}object-role", "24")
REST_OBJECT_ROLES = frozenset((f"{_T}object-role", code) for code in ("4", "3", "20"))
APPLICATION: Code = (_DCM, "110150")
DESTINATION: Code = (_DCM, "110152")
SOURCE: Code = (_DCM, "110153")
RECIPIENT: Code = (f"{_T}v3-ParticipationType", "IRCP")
SOURCES_OF_DATA = frozenset((f"{_T}v3-ParticipationType", c) for c in ("AUT", "INF", "CST"))
CONSENT: Code = ("http://hl7.org/fhir/resource-types", "Consent")


@dataclass(frozen=True)
class Slice:
    """One slice: by which codes it is told, how often it stands, what it has and has not.

    `present` are elements that it must have, `absent` that it may not. `requestor` is fixed where
    it is not None, `roles` are the codes of which `role` is one. `is_observer`: it is also who
    observed the event (invariant val-audit-source).
    """

    codes: frozenset[Code]
    least: int = 1
    most: int = 1
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    requestor: bool | None = None
    roles: frozenset[Code] = frozenset()
    is_observer: bool = False
    is_patient: bool = False


@dataclass(frozen=True)
class Constraints:
    """One profile. `subtypes`: exactly one of an event's subtypes is of these.

    `only_subtypes`: no other may stand beside it. `outcome` is fixed where it is not None.
    `is_closed`: no entity but those of the slices.
    """

    type: Code
    action: str
    subtypes: frozenset[Code]
    agents: tuple[Slice, ...]
    entities: tuple[Slice, ...]
    fewest_agents: int = 2
    fewest_entities: int = 1
    outcome: str | None = "0"
    only_subtypes: bool = False
    is_closed: bool = False


def _one(code: Code) -> frozenset[Code]:
    return frozenset({code})


def _interactions(*codes: str) -> frozenset[Code]:
    return frozenset((_INTERACTION, code) for code in codes)


_MEDIA = frozenset({"media"})
_WHO = frozenset({"who"})
_WITH_NETWORK = frozenset({"who", "network"})
PATIENT = Slice(
    _one(PERSON), present=frozenset({"what", "role"}), roles=_one(PATIENT_ROLE), is_patient=True
)
_DATA = Slice(_one(SYSTEM_OBJECT), present=frozenset({"what", "role"}), roles=REST_OBJECT_ROLES)
_QUERY = Slice(
    _one(SYSTEM_OBJECT),
    present=frozenset({"role", "query"}),
    absent=frozenset({"what", "lifecycle", "detail"}),
    roles=_one(QUERY_ROLE),
)


def _over_rest(client: Code, server: Code, user: frozenset[Code]) -> tuple[Slice, ...]:
    human = Slice(user, 0, 1, present=_WHO, absent=frozenset({"media", "network"}), requestor=True)
    return (
        Slice(_one(client), present=_WITH_NETWORK, absent=_MEDIA),
        Slice(_one(server), present=_WITH_NETWORK, absent=_MEDIA),
        human,
    )


_CUSTODIAN: Code = (f"{_T}provenance-participant-type", "custodian")
_PATTERNS = {
    "Read": ("R", _interactions("read", "vread"), _over_rest(DESTINATION, SOURCE, _one(RECIPIENT))),
    "Query": (
        "E",
        _interactions("search", "search-type", "search-system"),
        _over_rest(SOURCE, DESTINATION, _one(RECIPIENT)),
    ),
    "Create": ("C", _interactions("create"), _over_rest(SOURCE, DESTINATION, SOURCES_OF_DATA)),
    "Update": (
        "U",
        _interactions("update", "patch"),
        _over_rest(SOURCE, DESTINATION, SOURCES_OF_DATA),
    ),
    "Delete": ("D", _interactions("delete"), _over_rest(APPLICATION, _CUSTODIAN, SOURCES_OF_DATA)),
}


def _pattern(profile: BalpProfile) -> Constraints:
    name = profile.value.removeprefix("Patient")
    has_patient = name != profile.value
    action, subtypes, agents = _PATTERNS[name]
    thing = _QUERY if name == "Query" else _DATA
    entities = (thing, PATIENT) if has_patient else (thing,)
    # Of a query with a patient the profile says 1.. again, and its slices make it two.
    fewest = 2 if has_patient and name != "Query" else 1
    return Constraints(REST, action, subtypes, agents, entities, fewest_entities=fewest)


_NOT_OF_A_USER = frozenset({"altId", "location", "media", "network"})
_NOT_OF_OTHERS = frozenset({"role", "altId", "name", "location", "policy", "media", "network"})
_AUTHORISING = Constraints(
    (_DCM, "110113"),
    "E",
    frozenset((f"{_BALP}AuthZsubType", code) for code in ("AuthZ-Consent", "AuthZ-Role")),
    (
        Slice(
            _one(APPLICATION),
            present=_WITH_NETWORK,
            absent=frozenset({"role", "altId", "name", "location", "media", "purposeOfUse"}),
        ),
        Slice(_one(RECIPIENT), present=_WHO, absent=_NOT_OF_A_USER, requestor=True),
        Slice(
            _one((f"{_T}v3-RoleClass", "PROV")),
            present=_WHO,
            absent=_NOT_OF_OTHERS,
            requestor=False,
        ),
        Slice(
            _one((f"{_T}extra-security-role-type", "authserver")),
            present=_WHO,
            absent=_NOT_OF_OTHERS | {"purposeOfUse"},
            requestor=False,
            is_observer=True,
        ),
    ),
    (PATIENT, Slice(_one(CONSENT), 1, ANY, present=frozenset({"what"}))),
    fewest_entities=2,
    outcome=None,
    only_subtypes=True,
    is_closed=True,
)
_DISCLOSING = Constraints(
    (_DCM, "110106"),
    "R",
    frozenset({(f"{_T}iso-21089-lifecycle", "disclose")}),
    (
        Slice(_one(SOURCE), present=_WITH_NETWORK, is_observer=True),
        Slice(_one(DESTINATION), present=_WITH_NETWORK),
        Slice(_one(("http://snomed.info/sct", "159541003")), 0, 1, present=_WHO),
        Slice(_one(("http://snomed.info/sct", "429577009")), 0, 1, present=_WHO),
    ),
    (PATIENT,),
    fewest_entities=2,
    outcome=None,
)
CONSTRAINTS = {
    profile: _pattern(profile)
    for profile in BalpProfile
    if profile not in {BalpProfile.AUTHZ_CONSENT, BalpProfile.DISCLOSURE_SOURCE}
} | {BalpProfile.AUTHZ_CONSENT: _AUTHORISING, BalpProfile.DISCLOSURE_SOURCE: _DISCLOSING}
"""The constraints of each profile that we follow."""
