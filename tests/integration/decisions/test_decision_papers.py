"""`tell-once decision receipt|check-receipt|receipt-keys` and `show --fhir` on a database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.__main__ import main
from tests.support.consents.receipts import KEYS
from tests.support.demonstrating import mark

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, str, str]]
_DECIDED = (
    *("--subject", "nhs-number:9990000018", "--category", "story", "--category", "education"),
    *("--purpose", "early-help", "--decided-by", "parent:mother", "--channel", "in-person"),
)
_YOUNG_PERSONS = (
    *("--subject", "nhs-number:9990000026", "--category", "story", "--purpose", "early-help"),
    *("--decided-by", "young-person", "--parents-not-told", "--judged-by", "b0" * 16),
    *("--competent-because", "shared,who,consequences,weighs,freely"),
)


@pytest.fixture
def command(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `decision` commands where families are invented; gives code, output and errors."""
    mark(database, is_demonstration=True)

    def run(*words: object) -> tuple[int, str, str]:
        where = ("--data", str(tmp_path / "data"), "--database", database)
        code = main(["decision", *map(str, words), *where])
        written = capfd.readouterr()
        return code, written.out, written.err

    return run


def _recorded(command: Command, *words: str) -> str:
    code, out, _ = command("record", *words, "--json")
    assert code == 0
    return str(json.loads(out)["decision_id"])


def _keys(command: Command) -> list[str]:
    _, out, _ = command("receipt-keys", "--json")
    found: dict[str, str] = json.loads(out)
    return list(found.values())


def test_a_receipt_is_written_and_fits(command: Command, tmp_path: Path):
    """The keys are printed once; then neither database nor network is needed."""
    decision = _recorded(command, *_DECIDED)
    file = tmp_path / "receipt.json"

    code, out, _ = command("receipt", decision, "--output", file, "--json")

    written = json.loads(out)
    assert (code, written["file"]) == (0, str(file))
    assert written["verifier_keys"] == _keys(command)
    checked, told, _ = command("check-receipt", file, "--json", "--key", *_keys(command))
    assert checked == 0
    assert json.loads(told)["decision_id"] == decision


def test_without_a_file_the_receipt_is_the_output(command: Command, tmp_path: Path):
    """Byte for byte, so that it may be sent on."""
    decision = _recorded(command, *_DECIDED)
    code, out, _ = command("receipt", decision)
    (tmp_path / "receipt.json").write_text(out)

    checked, _, _ = command("check-receipt", tmp_path / "receipt.json", "--key", *_keys(command))

    assert (code, checked) == (0, 0)


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (lambda text: text.replace("mother", "father"), None),
        (lambda text: text + "x", None),
        (lambda text: text, [str(key) for key in KEYS]),
    ],
    ids=["another word", "one byte more", "other keys"],
)
def test_what_does_not_fit_exits_1(
    command: Command, tmp_path: Path, change: Any, keys: list[str] | None
):
    """And says what it is."""
    decision = _recorded(command, *_DECIDED)
    _, out, _ = command("receipt", decision)
    (tmp_path / "receipt.json").write_text(change(out))

    known = keys or _keys(command)
    code, told, err = command("check-receipt", tmp_path / "receipt.json", "--json", "--key", *known)

    assert (code, json.loads(told)["valid"]) == (1, False)
    assert err.startswith("tell-once: ")


@pytest.mark.parametrize("words", [["nowhere.json"], []], ids=["no such file", "no file"])
def test_what_cannot_be_checked_exits_2(command: Command, words: list[str]):
    """It is asked wrongly; the receipt may still be good."""
    code, _, err = command("check-receipt", *words, "--key", str(KEYS[0]))

    assert code == 2
    assert err


def test_a_receipt_for_the_young_person_says_so(command: Command):
    """On the terminal, beside the receipt that says it too."""
    decision = _recorded(command, *_YOUNG_PERSONS)

    code, out, err = command("receipt", decision)

    assert code == 0
    assert json.loads(out)["receipt"]["receipt_metadata"]["addressed_to"]["not_for"]
    assert "for the young person, and nobody else" in err


def test_a_decision_that_is_not_known_has_no_receipt(command: Command):
    """Nor is one recorded."""
    assert command("receipt", "0" * 32)[0] == 2


def test_the_receipts_key_is_printed_for_other_programs_too(command: Command):
    """In the form that openssl takes."""
    code, out, _ = command("receipt-keys", "--pem")

    assert code == 0
    assert out.rstrip().endswith("-----END PUBLIC KEY-----")


def test_a_decision_shown_as_a_consent_can_be_recorded_again(command: Command, tmp_path: Path):
    """What `show --fhir` gives, `record --from-file` takes."""
    decision = _recorded(command, *_YOUNG_PERSONS)
    code, out, _ = command("show", decision, "--fhir")
    (tmp_path / "consent.json").write_text(out)

    again = _recorded(command, "--from-file", str(tmp_path / "consent.json"))

    first, second = (json.loads(command("show", d, "--json")[1]) for d in (decision, again))
    assert code == 0
    for told in ("id", "recorded_at", "confirmed_at"):
        assert first.pop(told) != second.pop(told)
    assert first == second  # decided when it was


def test_a_decision_that_is_several_consents_is_a_bundle(command: Command):
    """A withdrawn permission is one that has ended and one that denies."""
    decision = _recorded(command, *_DECIDED)
    command("withdraw", decision)

    bundle = json.loads(command("show", decision, "--fhir")[1])

    statuses = [entry["resource"]["status"] for entry in bundle["entry"]]
    assert (bundle["resourceType"], statuses) == ("Bundle", ["inactive", "active"])
