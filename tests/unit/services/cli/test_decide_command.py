"""`tell-once decide --consents`: no database, no application."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.__main__ import main
from tests.support.authzen import an_evaluation
from tests.support.consents.fhir_consents import a_consent, an_actor, confidentialities, purposes

CANARY = "Canary-Name"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Decide:
    """Runs `decide` over documents put into files."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def file(self, name: str, document: Any) -> str:
        """Write a document; text as it is."""
        path = self._folder / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    def __call__(self, request: Any, *consents: Any, words: tuple[str, ...] = ("--json",)) -> Ran:
        """Decide about the request by these consents."""
        files = [self.file(f"c{index}.json", one) for index, one in enumerate(consents)]
        asked = ["decide", "--request", self.file("request.json", request)]
        code = main([*asked, "--consents", *files, *words])
        written = self._capsys.readouterr()
        return Ran(code, written.out, written.err)


@pytest.fixture
def decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Decide:
    """Give the command."""
    return Decide(tmp_path, capsys)


def test_the_document_has_the_shape_that_others_rely_on(decide: Decide):
    """DESIGN.md section 15."""
    ran = decide(an_evaluation(), a_consent(securityLabel=confidentialities("N")))

    assert ran.code == 0
    assert ran.document == {
        "decision": True,
        "context": {
            "mode": "content",
            "reasons": [{"code": "consent-permits", "text": "A consent in force permits this."}],
            "obligations": [
                {"type": "forbid"},
                {"type": "permit", "securityLabel": confidentialities("N")},
            ],
            "policy_version": "fhir-consents-2026-11-29",
            "combine": "deny-overrides",
        },
    }


def test_a_no_is_an_answer_too(decide: Decide):
    """Exit code 0, with the reason."""
    ran = decide(an_evaluation(), a_consent(purpose=purposes("HRESCH")))

    assert (ran.code, ran.document["decision"]) == (0, False)
    assert [r["code"] for r in ran.document["context"]["reasons"]] == ["purpose-not-covered"]
    assert ran.document["context"]["obligations"] == []


def test_without_any_consent_the_answer_is_no(decide: Decide):
    """Nothing recorded means no."""
    assert decide(an_evaluation()).document["decision"] is False


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [("deny-overrides", False), ("most-recent", True), ("permit-overrides", True)],
)
def test_the_algorithm_is_the_one_that_is_named(
    decide: Decide,
    algorithm: str,
    expected: bool,  # noqa: FBT001
):
    """An old no and a new yes."""
    old, new = a_consent("deny", dateTime="2024-01-01"), a_consent(dateTime="2025-01-01")

    ran = decide(an_evaluation(), old, new, words=("--combine", algorithm, "--json"))

    assert ran.document["decision"] is expected
    assert ran.document["context"]["combine"] == algorithm


def test_a_past_day_can_be_replayed(decide: Decide):
    """With --at, before the consent was given."""
    ran = decide(an_evaluation(), a_consent(), words=("--at", "2024-06-01T00:00:00Z", "--json"))

    assert [r["code"] for r in ran.document["context"]["reasons"]] == ["consent-not-yet"]


@pytest.mark.parametrize("form", ["bundle", "array", "lines"])
def test_consents_and_groups_come_in_every_usual_form(decide: Decide, form: str):
    """Who belongs to the group stands in it."""
    group = {"resourceType": "Group", "id": "g", "type": "practitioner", "actual": True}
    group |= {"member": [{"entity": {"reference": "Practitioner/me"}}]}
    resources = [group, a_consent(actor=[an_actor("Group/g")])]
    forms = {
        "bundle": {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]},
        "array": resources,
        "lines": "\n".join(json.dumps(r) for r in resources),
    }

    assert decide(an_evaluation(), forms[form]).document["decision"] is True


def test_several_questions_are_answered_together(decide: Decide):
    """As over HTTP."""
    request = an_evaluation(evaluations=[{}, {"context": {"purpose": "research"}}])

    ran = decide(request, a_consent(purpose=purposes("TREAT")))

    assert [one["decision"] for one in ran.document["evaluations"]] == [True, False]


def test_without_json_it_is_a_sentence(decide: Decide):
    """For people."""
    assert decide(an_evaluation(), a_consent(), words=()).out == (
        "Permitted: A consent in force permits this.\n"
    )


@pytest.mark.parametrize(
    ("request_", "consent", "element"),
    [
        ("{", a_consent(), "--request: is-not-json"),
        ({"subject": {}}, a_consent(), "subject.type: missing"),
        (an_evaluation(), "{", "c0.json: is-not-json"),
        (an_evaluation(), {"a": 1}, "c0.json: is-not-a-fhir-resource"),
        (an_evaluation(), a_consent(status=CANARY), "c0.json: Consent.status"),
        (an_evaluation(), a_consent() | {CANARY.lower(): 1}, "is-not-valid-fhir-r4"),
        (an_evaluation(), a_consent(patient=CANARY), "c0.json: Consent.patient"),
        (an_evaluation(), [a_consent(), a_consent("no")], "Consent[1].provision.type"),
    ],
)
def test_what_cannot_be_read_exits_2_and_names_the_element(
    decide: Decide, request_: Any, consent: Any, element: str
):
    """And never the value; nothing on standard output."""
    ran = decide(request_, consent)

    assert ran.code == 2
    assert element in ran.err
    assert CANARY not in ran.err
    assert ran.out == ""


def test_a_time_that_is_none_exits_2(decide: Decide):
    """The words of the command are input too."""
    ran = decide(an_evaluation(), a_consent(), words=("--at", "noon"))

    assert (ran.code, ran.err) == (2, "tell-once: --at: is-not-a-time\n")


def test_no_database_driver_is_imported(decide: Decide):
    """It runs where there is none."""
    files = (decide.file("r.json", an_evaluation()), decide.file("c.json", a_consent()))
    program = (
        "import sys; from services.__main__ import main;"
        f"code = main(['decide', '--request', {files[0]!r}, '--consents', {files[1]!r}, '--json']);"
        "assert not {'sqlalchemy', 'psycopg', 'kafka', 'fastapi'} & set(sys.modules);"
        "sys.exit(code)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["decision"] is True


def test_who_asks_may_be_known_by_an_identifier_that_the_bundle_explains(decide: Decide):
    """The consent names a reference, the request an identifier."""
    them = {
        "resourceType": "Practitioner",
        "id": "a",
        "identifier": [{"system": "s", "value": "1"}],
    }
    request = an_evaluation(subject={"type": "user", "id": "s|1"})

    ran = decide(request, [them, a_consent(actor=[an_actor("Practitioner/a")])])

    assert ran.document["decision"] is True


def test_a_consent_that_was_replaced_by_a_newer_version_of_itself_says_nothing(decide: Decide):
    """The history of a consent that has ended permits nothing."""
    ended = _numbered("2") | {"status": "inactive"}

    assert decide(an_evaluation(), _numbered("1")).document["decision"]
    assert not decide(an_evaluation(), [_numbered("1"), ended]).document["decision"]
    assert not decide(an_evaluation(), ended, _numbered("1")).document["decision"]


def _numbered(version: str) -> dict[str, Any]:
    return a_consent(id="c") | {"meta": {"versionId": version}}


def test_who_is_meant_may_be_told_by_the_addresses_in_a_bundle(decide: Decide):
    """As Bundles refer to what they bring along."""
    consent = a_consent(patient={"reference": "urn:uuid:1"}, actor=[an_actor("urn:uuid:2")])
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p1"}},
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Practitioner", "id": "me"}},
        {"resource": consent},
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    me = an_evaluation(subject={"type": "Practitioner", "id": "me"})
    you = an_evaluation(subject={"type": "Practitioner", "id": "you"})

    assert decide(me, bundle).document["decision"]
    assert not decide(you, bundle).document["decision"]
