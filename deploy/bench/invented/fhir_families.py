"""Invented families as a plain FHIR R4 server takes them: a child, three relatives, what happened.

Forty-three resources that `Patient/$everything` gives: as alike to `one_family.make_family` as that
operation allows, because it reaches what lies in one patient's compartment and nothing of a
relative's own. Ids are the family's, so that loading it twice changes nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from deploy.bench.invented.health_visiting import nhs_numbers

Resource = dict[str, Any]

RESOURCES: Final = 43
_NHS = "https://fhir.nhs.uk/Id/nhs-number"
_RELATION = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_RELATIVES = (("MTH", "mother"), ("FTH", "father"), ("SIB", "sibling"))
_TEAMS, _STORIES = 2, 4
_ADDRESS = {"line": ["1 Some Street"], "city": "Some Town", "postalCode": "ZZ99 3WZ"}
_TELECOM = {"system": "phone", "value": "01632 960001"}
_OBSERVATIONS = RESOURCES - 3 - len(_RELATIVES) - _TEAMS - _STORIES - 1


def patient_id(family: int) -> str:
    """The id of the child of the family with this number."""
    return f"bench-{family}"


def bundles(families: Sequence[int]) -> Iterator[Resource]:
    """One transaction a family, with NHS numbers of the range that is nobody's."""
    for family, number in zip(families, nhs_numbers(), strict=False):
        entries = [
            {"resource": one, "request": {"method": "PUT", "url": f"{kind}/{one['id']}"}}
            for one in _resources(family, number)
            for kind in (one["resourceType"],)
        ]
        yield {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _resources(family: int, nhs_number: str) -> Iterator[Resource]:
    child = patient_id(family)
    subject = {"reference": f"Patient/{child}"}
    worker = {"reference": f"Practitioner/{child}-w"}
    agency = {"reference": f"Organization/{child}-o"}
    yield {"resourceType": "Organization", "id": f"{child}-o", "name": "Trust"}
    yield {
        "resourceType": "Practitioner",
        "id": f"{child}-w",
        "name": [{"family": "Visitor", "given": ["A"]}],
    }
    yield {
        "resourceType": "Patient",
        "id": child,
        "identifier": [{"system": _NHS, "value": nhs_number}],
        **_person("Given0"),
        "birthDate": "2022-05-03",
        "generalPractitioner": [worker],
        "managingOrganization": agency,
    }
    for code, name in _RELATIVES:
        relationship = [{"coding": [{"system": _RELATION, "code": code}]}]
        own = {"patient": subject, "relationship": relationship, **_person(name)}
        yield {"resourceType": "RelatedPerson", "id": f"{child}-{code}", **own}
    yield from _events(child, subject, worker, agency)


def _person(given: str) -> Resource:
    return {
        "name": [{"family": "Ash", "given": [given, "Ada"]}],
        "gender": "female",
        "address": [_ADDRESS],
        "telecom": [_TELECOM],
    }


def _events(
    child: str, subject: Resource, worker: Resource, agency: Resource
) -> Iterator[Resource]:
    for number in range(_TEAMS):
        team = {"subject": subject, "participant": [{"member": worker, "onBehalfOf": agency}]}
        yield {"resourceType": "CareTeam", "id": f"{child}-t{number}", **team}
    for number in range(_STORIES):
        told = [{"contentString": "We told it once. " * 10}]
        said = {"status": "completed", "subject": subject, "payload": told}
        yield {"resourceType": "Communication", "id": f"{child}-s{number}", **said}
    plan = {"status": "active", "intent": "plan", "title": "Child in need plan"}
    yield {"resourceType": "CarePlan", "id": f"{child}-p", "subject": subject, **plan}
    for number in range(_OBSERVATIONS):
        yield {
            "resourceType": "Observation",
            "id": f"{child}-v{number}",
            "status": "final",
            "category": [{"coding": [{"system": _CATEGORY, "code": "exam"}]}],
            "code": {"text": f"Review {number}"},
            "subject": subject,
            "performer": [worker],
            "effectiveDateTime": f"2025-{number % 12 + 1:02d}-15",
            "valueString": "As expected for the age",
            "note": [{"text": "Weight 12.4 kg, height 88 cm, feeding mixed"}],
        }
