"""`tell-once sign-in check`: for whoever writes the file of providers; no database."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.__main__ import main
from services.people.signing_in.providers import ProviderKind
from tests.support.signing_in import (
    ROLES_ANSWERED,
    id_claims,
    settings_of,
    signed,
    write_settings,
)


class Check:
    """Runs `sign-in check` over files written from settings and claims."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(
        self, kind: ProviderKind, token: str | None = None, roles: Any = None
    ) -> tuple[int, Any]:
        """Check; the exit code and what was printed as JSON."""
        providers = write_settings(self._folder, settings_of(kind))
        words = ["sign-in", "check", "--json", "--providers", str(providers)]
        for option, content in (("--token", token), ("--roles", roles and json.dumps(roles))):
            if content is not None:
                path = self._folder / option.strip("-")
                path.write_text(content)
                words += [option, str(path)]
        code = main(words)
        return code, json.loads(self._capsys.readouterr().out)


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Give the command."""
    return Check(tmp_path, capsys)


@pytest.mark.parametrize("kind", list(ProviderKind))
def test_a_token_is_told_what_it_would_give(check: Check, kind: ProviderKind):
    """As the provider sends it, or its claims as JSON; nobody's name or number is printed."""
    claims = {**id_claims(kind), "name": "Nell Canary"}

    answers = [check(kind, token, ROLES_ANSWERED) for token in (signed(claims), json.dumps(claims))]

    assert [code for code, _ in answers] == [0, 0]
    assert answers[0] == answers[1]
    assert answers[0][1]["admissions"] == [{"role": "practitioner", "agency": "RY4"}]
    assert "Canary" not in json.dumps(answers)
    assert str(claims["sub"]) not in json.dumps(answers)


def test_the_file_that_is_set_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """As the server reads it at its start; where none is named, that is said."""
    without = main(["sign-in", "check"])
    monkeypatch.setenv(
        "TELL_ONCE_SIGN_IN", str(write_settings(tmp_path, settings_of(ProviderKind.ENTRA_ID)))
    )

    found = main(["sign-in", "check"])

    assert (without, found) == (2, 0)
    assert capsys.readouterr().out.splitlines() == [
        "No file is named: --providers, or TELL_ONCE_SIGN_IN.",
        "In order: entra-id.",
    ]


def test_what_is_missing_is_told(check: Check):
    """A claim, a rule that fits, the provider itself; and a file that holds no token."""
    kind = ProviderKind.ENTRA_ID
    claims = id_claims(kind)
    asked = {
        "no-role": json.dumps({**claims, "roles": []}),
        "no-rule": json.dumps({**claims, "roles": ["TellOnce.Other"]}),
        "no-provider": json.dumps({**claims, "iss": "https://other.example"}),
        "no-token": "no token",
        "no-time": json.dumps({**claims, "iat": "now"}),
    }

    found = {name: check(kind, token) for name, token in asked.items()}

    assert {name: (code, one["refused"]) for name, (code, one) in found.items()} == {
        "no-role": (1, "role-missing"),
        "no-rule": (1, "not-mapped"),
        "no-provider": (2, "issuer-unknown"),
        "no-token": (2, "token-unreadable"),
        "no-time": (2, "token-unreadable"),
    }
    assert found["no-rule"][1]["roles_stated"] == ["TellOnce.Other"]


def test_a_file_with_faults_is_told_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Each on a line of its own; the exit code says that it cannot be used."""
    wrong = settings_of(ProviderKind.NHS_CIS2).replace("ours.pem", "gone.pem")
    path = write_settings(tmp_path, wrong.replace("key_id", "keyid"))

    code = main(["sign-in", "check", "--providers", str(path)])

    written = capsys.readouterr().out
    assert code == 1
    assert "provider.0.key_file: is not there" in written
    assert "provider.0.keyid" in written


def test_a_file_in_order_is_told_so(check: Check):
    """By the providers' names."""
    assert check(ProviderKind.DFE_SIGN_IN) == (0, {"valid": True, "providers": ["dfe-sign-in"]})
