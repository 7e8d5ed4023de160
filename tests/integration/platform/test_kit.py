"""`tell-once kit`: what a council still lacks, its papers from the policy, what all is made of."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import TOPICS
from services.__main__ import main
from services.audit.integrity.backups import MARK
from services.cli.lifecycle.kit.components import Component, bill_of_materials, installed_components
from services.cli.lifecycle.kit.flows import FLOWS
from services.platform.clock import SystemClock
from services.platform.settings import Settings
from tests.unit.deploy.test_every_process import PROCESSES

pytestmark = pytest.mark.postgres

Run = Callable[..., tuple[int, Any]]
_PAPERS = ("dpia", "hazard-log", "agreement", "privacy-notice", "data-flow", "go-live")


@pytest.fixture
def run(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `kit …` on a new database; gives the code and the document."""

    def run(*words: str, of: str = "kit") -> tuple[int, Any]:
        code = main([of, *words, "--json", "--data", str(tmp_path), "--database", database])
        return code, json.loads(capfd.readouterr().out)

    return run


def test_a_new_council_is_told_all_that_it_lacks_and_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """And each thing that is there then is there."""
    code, before = run("check")
    monkeypatch.setenv("TELL_ONCE_COUNCIL_NAME", "Exbury Council")
    monkeypatch.setenv("TELL_ONCE_PUBLIC_URL", "https://tell-once.exbury.example")
    (tmp_path / MARK).write_text(json.dumps({"made_at": SystemClock().now().isoformat()}))
    _, after = run("check")

    lacked, still = ({i["code"] for i in told["items"] if not i["met"]} for told in (before, after))
    assert code == 1
    assert not before["ready"]
    assert lacked >= {"retention", "role-confirming-officer", "feeds", "witness", "restored"}
    assert all(item["do"] for item in before["items"] if not item["met"])
    assert lacked - still == {"council-name", "tls", "backup"}


def test_papers_say_what_the_policy_says_and_what_people_have_to(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    """The agreement's rules and those of retention, and gaps in brackets that no program fills."""
    monkeypatch.setenv("TELL_ONCE_COUNCIL_NAME", "Exbury Council")
    monkeypatch.setenv("TELL_ONCE_FAMILY_PORT", "8100")
    monkeypatch.setenv("TELL_ONCE_FAMILY_URL", "https://family.exbury.example")
    papers = {name: run(name)[1]["text"] for name in _PAPERS}
    version = run_agreement(run)

    for text in papers.values():
        assert "Exbury Council" in text
        assert "{{" not in text
    assert "[ ]" in papers["dpia"] + papers["hazard-log"]
    for name in ("dpia", "agreement"):
        assert "may receive, for" in papers[name]
        assert "months after it was last said" in papers[name]
        assert version in papers[name]

    for name in ("dpia", "privacy-notice"):
        assert "https://family.exbury.example" in papers[name]
    assert "answering_port is 0" in papers["dpia"]
    for topic in TOPICS:
        assert f"| {topic.name} | relay |" in papers["data-flow"]
    drawn, _, left_out = papers["data-flow"].partition("Not run here:")
    assert {name for name in FLOWS if f"-->  {name} " in drawn} == {
        "relay",
        "aggregate",
        "connect",
        "portal",
        "family",
        "directory",
        "services follow-up --until-stopped",
        "services read --nightly",
    }
    assert "community keep" in left_out
    assert "| **no** | retention rules are your own | set retention_rules" in papers["go-live"]


def test_every_process_has_its_line_in_the_picture():
    """A new one is drawn, or this says that it is not."""
    assert set(FLOWS) == {one.typed for one in PROCESSES}


def run_agreement(run: Run) -> str:
    """The version that is in force, as another command says."""
    return str(run("show", of="agreement")[1]["version"])


def test_what_it_is_made_of_is_listed_with_licences():
    """Every package that we need, and those that they need; the same each time."""
    components = installed_components()
    document = bill_of_materials(components, "2026-12-01T00:00:00Z")

    names = {one.name for one in components}
    assert names >= {"tell-once", "fastapi", "starlette", "psycopg-binary", "cryptography"}
    assert not names & {"pytest", "ruff", "mypy"}
    assert [one.name for one in components[1:] if not one.licences] == []
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document == bill_of_materials(installed_components(), "2026-12-01T00:00:00Z")
    references = {one["bom-ref"] for one in document["components"]}
    for row in document["dependencies"]:
        assert references >= set(row["dependsOn"])
    assert bill_of_materials(components[:1], "x")["serialNumber"] != document["serialNumber"]
    assert Component("a", "1", (), ()).purl == "pkg:pypi/a@1"


def test_no_paper_tells_a_secret(run: Run, monkeypatch: pytest.MonkeyPatch):
    """Papers go by mail."""
    for name in ("smtp_password", "mesh_password", "alarm_webhook_token"):
        assert name in Settings.model_fields
        monkeypatch.setenv(f"TELL_ONCE_{name.upper()}", "Zebediah-9f3c")

    told = [run(name)[1] for name in (*_PAPERS, "check")]

    assert "Zebediah" not in json.dumps(told)
