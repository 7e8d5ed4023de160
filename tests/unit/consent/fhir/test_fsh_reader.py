"""The reader of FHIR Shorthand that the samples are read with."""

from tests.support.consents.fsh import instances_in

_TEXT = '''
Profile: Something
* provision.type 1..1

Instance: one
InstanceOf: BasicConsent
Description: """
* status = #draft
"""
* status = #active
* scope = http://scopes#privacy
* category[+] = http://loinc.org#1 "One"
* category[+] = http://loinc.org#2 "Two"
* performer = Reference(Patient/p)
* provision.purpose[+] = http://purposes#A
* provision.provision.type = #deny
* provision.provision.data[slice][+].meaning = #instance
* provision.provision.data[slice][=].reference = Reference(Observation/o)
* provision.provision.data[slice][+].meaning = #related
* provision.period.end = "2022-12-31"

Instance: two
InstanceOf: Group
* member.entity = Reference(Practitioner/p)
'''


def test_rules_become_elements_at_their_places():
    """Arrays by soft index or alone, codes by what kind of element they are for."""
    found = instances_in(_TEXT)

    assert found["one"].resource == {
        "resourceType": "Consent",
        "id": "one",
        "status": "active",
        "scope": {"coding": [{"system": "http://scopes", "code": "privacy"}]},
        "category": [
            {"coding": [{"system": "http://loinc.org", "code": "1", "display": "One"}]},
            {"coding": [{"system": "http://loinc.org", "code": "2", "display": "Two"}]},
        ],
        "performer": [{"reference": "Patient/p"}],
        "provision": {
            "purpose": [{"system": "http://purposes", "code": "A"}],
            "provision": [
                {
                    "type": "deny",
                    "data": [
                        {"meaning": "instance", "reference": {"reference": "Observation/o"}},
                        {"meaning": "related"},
                    ],
                }
            ],
            "period": {"end": "2022-12-31"},
        },
    }
    assert found["two"].resource["member"] == [{"entity": {"reference": "Practitioner/p"}}]
