"""What requests call purposes, labels, actions and kinds of things, as the codes they mean."""

from collections.abc import Mapping

from consent.fhir.question import ConsentAction
from consent.fhir.vocabulary import (
    ACT_CODE,
    ACT_REASON,
    CONFIDENTIALITY,
    LEVELS,
    OWN_CATEGORY,
    OWN_PURPOSE,
    PURPOSES,
    RESOURCE_TYPES,
    SENSITIVITIES,
    UNKNOWN_SYSTEM,
    Code,
)
from schemas.vocabulary import Category, Purpose

# The resource types of FHIR R4B (hl7.org/fhir/R4B/resourcelist.html), by lower-case name.

_NAMES = """
Account ActivityDefinition AdministrableProductDefinition AdverseEvent
AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam
CatalogEntry ChargeItem ChargeItemDefinition Citation Claim ClaimResponse
ClinicalImpression ClinicalUseDefinition CodeSystem Communication CommunicationRequest
CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage
CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device
DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport
DocumentManifest DocumentReference Encounter Endpoint EnrollmentRequest
EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceReport
EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal
GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient
InsurancePlan Invoice Library Linkage List Location ManufacturedItemDefinition Measure
MeasureReport Media Medication MedicationAdministration MedicationDispense
MedicationKnowledge MedicationRequest MedicationStatement MedicinalProductDefinition
MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome
Organization OrganizationAffiliation PackagedProductDefinition Parameters Patient
PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole
Procedure Provenance Questionnaire QuestionnaireResponse RegulatedAuthorization
RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy
ResearchSubject RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen
SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus
SubscriptionTopic Substance SubstanceDefinition SupplyDelivery SupplyRequest Task
TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
VisionPrescription
"""
RESOURCE_TYPE_NAMES = {name.lower(): name for name in _NAMES.split()}


_PURPOSE_WORDS = {
    "treatment": "TREAT",
    "care": "TREAT",
    "emergency": "ETREAT",
    "emergencytreatment": "ETREAT",
    "breakglass": "BTG",
    "breaktheglass": "BTG",
    "research": "HRESCH",
    "payment": "HPAYMT",
    "operations": "HOPERAT",
    "marketing": "HMARKT",
    "publichealth": "PUBHLTH",
    "patientrequest": "PATRQT",
}
_LEVEL_WORDS = {
    "unrestricted": "U",
    "low": "L",
    "moderate": "M",
    "normal": "N",
    "restricted": "R",
    "veryrestricted": "V",
}
_READ = frozenset({ConsentAction.ACCESS, ConsentAction.DISCLOSE})
_ACTION_WORDS: Mapping[str, frozenset[ConsentAction]] = {
    **dict.fromkeys(
        ("read", "view", "get", "search", "list", "query", "access", "fetch", "open", "retrieve"),
        _READ,
    ),
    **dict.fromkeys(("exists", "exist", "know", "head", "find"), _READ),
    **dict.fromkeys(
        ("disclose", "share", "publish", "send", "export", "release"),
        frozenset({ConsentAction.DISCLOSE}),
    ),
    **dict.fromkeys(("use", "process", "analyse", "analyze"), frozenset({ConsentAction.USE})),
    **dict.fromkeys(
        ("correct", "update", "write", "edit", "amend", "delete"),
        frozenset({ConsentAction.CORRECT}),
    ),
    **dict.fromkeys(("collect", "create", "add"), frozenset({ConsentAction.COLLECT})),
}
EXISTENCE_WORDS = frozenset({"exists", "exist", "know", "head", "find", "existence"})
WHOLE_RECORD = frozenset(
    {"patient", "person", "child", "family", "record", "patientrecord", "healthrecord", "profile"}
)
"""Kinds of resource that are everything about somebody, not one piece of data."""
PEOPLE = frozenset({"patient", "person", "child"})
ACTOR_TYPES = {
    name.lower(): name
    for name in (
        *("Practitioner", "PractitionerRole", "Organization", "Group", "CareTeam", "Patient"),
        *("RelatedPerson", "Device", "Person", "HealthcareService"),
    )
}
INDIVIDUALS = ("Practitioner", "PractitionerRole", "RelatedPerson", "Patient", "Device", "Person")


def plain(word: str) -> str:
    """A word without what spellings differ in: case, spaces, hyphens, underscores."""
    return "".join(c for c in word.lower() if c.isalnum())


def purpose_named(word: str) -> Code:
    """The purpose of this name or code; an unknown one keeps its name and has no system."""
    if word in set(Purpose):
        return Code(OWN_PURPOSE, word)
    code = _PURPOSE_WORDS.get(plain(word), word.upper())
    return Code(ACT_REASON, code) if code in PURPOSES else Code(UNKNOWN_SYSTEM, word)


def label_named(word: str) -> Code:
    """The label of this name or code; an unknown one keeps its name and has no system."""
    code = _LEVEL_WORDS.get(plain(word), word.upper())
    if code in LEVELS:
        return Code(CONFIDENTIALITY, code)
    return Code(ACT_CODE, code) if code in SENSITIVITIES else Code(UNKNOWN_SYSTEM, word)


def class_named(word: str) -> Code:
    """The class of this name: a category of ours, a resource type, or a word with no system."""
    if word in set(Category):
        return Code(OWN_CATEGORY, word)
    known = data_type_named(word)
    return Code(RESOURCE_TYPES, known) if known else Code(UNKNOWN_SYSTEM, word)


def data_type_named(word: str) -> str | None:
    """The FHIR resource type of this name; none for a whole record, or for anything else."""
    if plain(word) in WHOLE_RECORD:
        return None
    return RESOURCE_TYPE_NAMES.get(word.lower())


def code_named(word: str) -> Code:
    """A code of any system."""
    return Code(UNKNOWN_SYSTEM, word)


def action_named(word: str) -> frozenset[ConsentAction]:
    """The actions that a name means, with or without `can`; none for an unknown name."""
    return _ACTION_WORDS.get(action_word(word), frozenset())


def action_word(word: str) -> str:
    """The bare verb of an action's name."""
    bare = plain(word)
    return bare.removeprefix("can") if bare.startswith("can") else bare
