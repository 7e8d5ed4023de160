"""What providers say of people: who is let in as what, and what is missing for everybody else."""

from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Role
from services.people.signing_in.profiles import (
    Admission,
    ClaimRefusal,
    Stated,
    admissions,
    read_claims,
)
from services.people.signing_in.providers import Provider, ProviderKind
from tests.support.builders import NOW
from tests.support.signing_in import (
    ROLES_ANSWERED,
    SECONDS,
    TENANT,
    a_provider,
    id_claims,
    later,
)

_CIS2, _ENTRA, _DFE = ProviderKind.NHS_CIS2, ProviderKind.ENTRA_ID, ProviderKind.DFE_SIGN_IN
_ROLE = id_claims(_CIS2)["nhsid_nrbac_roles"][1]
_SCHOOL = id_claims(_DFE)["organisation"]
_NO_ROLE, _MALFORMED = ClaimRefusal.NO_ROLE, ClaimRefusal.MALFORMED

# For each provider: what is changed of the claims (None takes a claim out), and what is said then.
_REFUSED: dict[ProviderKind, list[tuple[dict[str, Any], ClaimRefusal]]] = {
    _CIS2: [
        ({"selected_roleid": None}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"selected_roleid": "555254242107"}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"selected_roleid": ["555254242106"]}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"nhsid_nrbac_roles": None}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"nhsid_nrbac_roles": {}}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"nhsid_nrbac_roles": [_ROLE, _ROLE]}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"nhsid_nrbac_roles": ["555254242106"]}, ClaimRefusal.NO_SELECTED_ROLE),
        ({"nhsid_nrbac_roles": [{**_ROLE, "org_code": None}]}, _MALFORMED),
        ({"nhsid_nrbac_roles": [{"person_roleid": "555254242106", "org_code": "A9A5A"}]}, _NO_ROLE),
        ({"id_assurance_level": "2"}, ClaimRefusal.IDENTITY),
        ({"id_assurance_level": None}, ClaimRefusal.IDENTITY),
        ({"id_assurance_level": "three"}, ClaimRefusal.IDENTITY),
        ({"id_assurance_level": True}, ClaimRefusal.IDENTITY),
        ({"authentication_assurance_level": "1"}, ClaimRefusal.ASSURANCE),
        ({"authentication_assurance_level": None}, ClaimRefusal.ASSURANCE),
        ({"auth_time": later(minutes=-6)}, ClaimRefusal.TOO_LONG_AGO),
        ({"auth_time": later(minutes=6)}, ClaimRefusal.TOO_LONG_AGO),
        ({"auth_time": None}, _MALFORMED),
        ({"auth_time": str(SECONDS)}, _MALFORMED),
        ({"uid": "555036632199"}, ClaimRefusal.SUBJECT),
        ({"uid": None}, ClaimRefusal.SUBJECT),
    ],
    _ENTRA: [
        ({"tid": "66666666-0000-0000-0000-000000000000"}, ClaimRefusal.OTHER_TENANT),
        ({"tid": None}, ClaimRefusal.OTHER_TENANT),
        ({"tid": [TENANT]}, ClaimRefusal.OTHER_TENANT),
        ({"acct": 1}, ClaimRefusal.GUEST),
        ({"acct": "1"}, ClaimRefusal.GUEST),
        ({"idp": "https://sts.windows.example/66666666/"}, ClaimRefusal.GUEST),
        ({"roles": None}, _NO_ROLE),
        ({"roles": []}, _NO_ROLE),
        ({"roles": "TellOnce.Practitioner"}, _NO_ROLE),
        ({"roles": [7]}, _NO_ROLE),
        ({"roles": None, "groups": ["TellOnce.Practitioner"]}, _NO_ROLE),
        ({"oid": None}, _MALFORMED),
        ({"oid": 7}, _MALFORMED),
    ],
    _DFE: [
        ({"organisation": None}, ClaimRefusal.NO_ORGANISATION),
        ({"organisation": {}}, ClaimRefusal.NO_ORGANISATION),
        ({"organisation": "9992001"}, ClaimRefusal.NO_ORGANISATION),
        ({"organisation": {**_SCHOOL, "status": {"id": 2}}}, ClaimRefusal.CLOSED),
        ({"organisation": {**_SCHOOL, "status": None}}, ClaimRefusal.CLOSED),
        ({"sub": None}, _MALFORMED),
    ],
}


def _read(provider: Provider, changed: dict[str, Any], roles: Any = ROLES_ANSWERED) -> object:
    claims = {**id_claims(provider.profile), **changed}
    said = {name: value for name, value in claims.items() if value is not None or name == "uid"}
    return read_claims(said, provider, now=NOW, roles=roles)


@pytest.mark.parametrize("profile", list(ProviderKind))
def test_what_is_missing_or_wrong_lets_nobody_in(tmp_path: Path, profile: ProviderKind):
    """And says what it is, each in words for the one who signed in."""
    provider = a_provider(tmp_path, profile)

    found = [(changed, _read(provider, changed), wanted) for changed, wanted in _REFUSED[profile]]

    assert [one for one in found if one[1] is not one[2]] == []


def test_roles_that_are_not_told_are_none(tmp_path: Path):
    """DfE Sign-in: its public API away, refusing, or answering something else."""
    provider = a_provider(tmp_path, _DFE)
    inactive = {"roles": [{"code": "SAFEGUARDING", "status": {"id": 0}}]}
    answers = {
        "away": (None, ClaimRefusal.ROLES_NOT_TOLD),
        "an error": ({"message": "unauthorised"}, ClaimRefusal.ROLES_NOT_TOLD),
        "text": ("SAFEGUARDING", ClaimRefusal.ROLES_NOT_TOLD),
        "no roles": ({"roles": []}, _NO_ROLE),
        "a role that was taken away": (inactive, _NO_ROLE),
        "a role without status": ({"roles": [{"code": "SAFEGUARDING"}]}, _NO_ROLE),
    }

    found = {name: _read(provider, {}, roles) for name, (roles, _) in answers.items()}

    assert found == {name: wanted for name, (_, wanted) in answers.items()}


def test_who_they_are_is_what_lasts(tmp_path: Path):
    """Never an e-mail address or a login name, which go to somebody else one day."""
    subjects = {}
    for profile in ProviderKind:
        found = _read(a_provider(tmp_path, profile), {"email": "a@b.example", "upn": "a@b.example"})
        assert isinstance(found, Stated), found
        subjects[profile] = found.subject

    assert subjects == {
        _CIS2: "555036632103",
        _ENTRA: "99999999-8888-7777-6666-555555555555",
        _DFE: "44444444-3333-2222-1111-000000000000",
    }


def test_a_rule_gives_a_role_in_an_agency(tmp_path: Path):
    """By the role that is stated, of the organisation that it names, and of no other."""
    elsewhere = {
        _CIS2: {"nhsid_nrbac_roles": [{**_ROLE, "org_code": "Z9Z9Z"}]},
        _DFE: {"organisation": {**_SCHOOL, "establishmentNumber": "2002"}},
    }
    for profile in ProviderKind:
        provider = a_provider(tmp_path, profile)
        found = _read(provider, {})
        assert isinstance(found, Stated), found
        assert admissions(found, provider) == (Admission(Role.PRACTITIONER, "RY4"),), profile
        if profile in elsewhere:
            other = _read(provider, elsewhere[profile])
            assert isinstance(other, Stated), other
            assert admissions(other, provider) == (), profile


def test_a_role_that_was_not_selected_gives_nothing(tmp_path: Path):
    """CIS2: of several roles only the selected one counts."""
    provider = a_provider(tmp_path, _CIS2)

    found = _read(provider, {"selected_roleid": "555254242199"})

    assert isinstance(found, Stated), found
    assert found.organisations == ("Z9Z9Z",)
    assert admissions(found, provider) == ()
