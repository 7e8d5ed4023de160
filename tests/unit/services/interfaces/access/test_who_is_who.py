"""Who is who in documents, and which version of one counts."""

from typing import Any

import pytest

from services.interfaces.access.consent_files import are_current, members_in

_ME, _ORG = "Practitioner/me", "Organization/o"
_ROLE = {
    "resourceType": "PractitionerRole",
    "id": "r",
    "practitioner": {"reference": _ME},
    "organization": {"reference": _ORG},
}


def _pairs(*resources: dict[str, Any], address: str | None = None) -> set[tuple[str, str]]:
    return set(members_in([(address, resource) for resource in resources]))


def test_a_role_is_both_of_its_sides():
    """Who asks in that role asks for both."""
    assert {(_ME, "PractitionerRole/r"), (_ORG, "PractitionerRole/r")} <= _pairs(_ROLE)


def test_a_practitioner_of_one_role_asks_in_that_role():
    """Of several, only the request can say in which."""
    assert ("PractitionerRole/r", _ME) in _pairs(_ROLE)
    assert ("PractitionerRole/r", _ME) not in _pairs(_ROLE, _ROLE | {"id": "s"})
    assert ("PractitionerRole/r", _ME) in _pairs(_ROLE, _ROLE | {"id": "s", "active": False})


def test_an_entry_is_known_by_its_address():
    """As the others in a Bundle refer to it."""
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "s", "value": "1"}]}

    pairs = _pairs(patient, address="urn:uuid:1")

    assert {("Patient/p", "urn:uuid:1"), ("urn:uuid:1", "s|1"), ("s|1", "Patient/p")} <= pairs


def test_a_group_and_a_care_team_are_whom_they_list():
    """But for those who are in them no longer."""
    members = [{"entity": {"reference": _ME}}, {"entity": {"reference": "P/x"}, "inactive": True}]
    group = {"resourceType": "Group", "id": "g", "member": members}
    team = {"resourceType": "CareTeam", "id": "t", "participant": [{"member": {"reference": _ME}}]}

    assert _pairs(group, team) == {("Group/g", _ME), ("CareTeam/t", _ME)}


def _version(**meta: str) -> dict[str, Any]:
    return {"resourceType": "Consent", "id": "c", "meta": meta}


@pytest.mark.parametrize(
    ("versions", "current"),
    [
        ([_version(versionId="1"), _version(versionId="2")], [False, True]),
        ([_version(versionId="10"), _version(versionId="9")], [True, False]),
        ([_version(lastUpdated="2026-02-01"), _version(lastUpdated="2026-01")], [True, False]),
        ([_version(), _version()], [True, True]),
        ([_version(versionId="a"), _version(versionId="b")], [True, True]),
        ([_version(lastUpdated="soon"), _version(lastUpdated="2026")], [True, True]),
        ([_version(versionId="1"), _version(versionId="2") | {"id": "d"}], [True, True]),
        ([_version(versionId="1"), _version(versionId="2") | {"patient": {}}], [True, True]),
        ([], []),
    ],
)
def test_of_versions_of_one_resource_the_newest_counts(
    versions: list[dict[str, Any]], current: list[bool]
):
    """Where it cannot be told which that is, all do."""
    assert are_current(versions) == current
