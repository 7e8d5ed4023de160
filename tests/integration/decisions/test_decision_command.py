"""`tell-once decision`: everything that can be recorded and become of a decision."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.__main__ import main
from services.cli.operator import operator
from tests.support.builders import VISITOR
from tests.support.demonstrating import mark

pytestmark = pytest.mark.postgres

Command = Callable[..., tuple[int, str, str]]
WREN = ("--subject", "nhs-number:9990000018")
WHAT = ("--category", "child-health", "--purpose", "direct-care")
ALL_FIVE = "shared,who,consequences,weighs,freely"


@pytest.fixture
def decision(database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `decision …` where families are invented; gives exit code, output and errors."""
    mark(database, is_demonstration=True)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["decision", *words, "--data", str(tmp_path), "--database", database])
        written = capfd.readouterr()
        return code, written.out, written.err

    return run


A_DUTY = (
    *("--basis", "legal-obligation", "--decided-by", "practitioner"),
    *("--source", "social-care", "--recipient", "agency:schools"),
)
"""By the agency that holds, about its own records, for the one that receives."""


def _recorded(decision: Command, *more: str) -> str:
    return str(_document(decision("record", *WREN, *WHAT, *more, "--json"))["decision_id"])


def _shown(decision: Command, decision_id: str) -> dict[str, Any]:
    return dict(_document(decision("show", decision_id, "--json")))


def _document(answer: tuple[int, str, str]) -> Any:
    code, out, _ = answer
    assert code == 0, answer
    return json.loads(out)


def test_all_that_is_told_is_shown(decision: Command):
    """Ground, circumstances, and the state it is in."""
    recorded = _recorded(
        decision,
        *("--article-9", "art-9-2-a", "--channel", "telephone", "--interpreter", "pl"),
        *("--notice-version", "2026-03", "--evidence", f"sha256:{'ab' * 32}"),
        *("--review-at", "2040-01-01", "--until", "2041-01-01"),
    )

    shown = _shown(decision, recorded)

    assert shown["state"] == "in-force"
    assert shown["article_9"] == "art-9-2-a"
    assert shown["review_at"] == "2040-01-01T00:00:00+00:00"
    told = shown["circumstances"]
    assert (told["channel"], told["interpreted_into"]) == ("telephone", "pl")
    assert (told["notice_version"], told["evidence"]) == ("2026-03", f"sha256:{'ab' * 32}")
    assert told["recorded_by"] == operator()


def test_a_form_of_last_monday_is_dated(decision: Command):
    """A day, or a time by the clocks here; it is recorded now all the same."""
    by_day = _shown(decision, _recorded(decision, "--decided-on", "2024-06-30"))
    by_time = _shown(decision, _recorded(decision, "--decided-on", "2024-06-30T09:30"))

    assert by_day["decided_at"] == "2024-06-29T23:00:00+00:00"
    assert by_time["decided_at"] == "2024-06-30T08:30:00+00:00"
    assert by_day["recorded_at"] > "2024-06-30"
    for told in ("2999-01-01", "1899-12-31", "last Monday"):
        code, _, errors = decision("record", *WREN, *WHAT, "--decided-on", told)
        assert (code, "decided-on" in errors) == (2, True), (told, errors)


def test_receipts_keep_their_shape(decision: Command):
    """What other programs rely on (DESIGN.md section 15)."""
    document = _document(decision("record", *WREN, *WHAT, "--json"))
    withdrawn = _document(decision("withdraw", document["decision_id"], "--json"))

    for receipt, version in ((document, 1), (withdrawn, 2)):
        assert receipt.keys() == {"decision_id", "ledger_entry", "version", "subjects"}
        assert receipt["version"] == version


def test_who_took_it_back_is_kept_where_it_is_told(decision: Command):
    """And in the Consent that the withdrawal is; a code that there is not changes nothing."""
    first, second = (_recorded(decision) for _ in range(2))

    wrong = decision("withdraw", first, "--by", "somebody")
    decision("withdraw", first, "--by", "court", "--channel", "written", "--because", "not-said")
    decision("withdraw", second, "--channel", "telephone")

    assert wrong[0] == 2
    assert _shown(decision, first)["taken_back"] == {
        "by": {"kind": "court", "reference": "court"},
        "channel": "written",
        "because": "not-said",
    }
    assert _shown(decision, second)["taken_back"]["by"]["kind"] == "not-said"
    _, denial = _document(decision("show", first, "--fhir", "--json"))["entry"]
    assert denial["resource"]["performer"][0]["type"] == "Organization"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--response", "not-asked"], "because: is-missing"),
        (["--response", "refused", "--because", "urgent"], "because: is-none-of: not-said"),
        (["--because", "not-said"], "because: is-no-reason-for-this-response"),
        (["--decided-by", "young-person"], "competence: is-missing"),
        (["--decided-by", "young-person", "--competent-because", ALL_FIVE], "judged-by: is-miss"),
        (["--judged-by", VISITOR], "competent-because: is-missing"),
        (
            [
                *("--decided-by", "young-person", "--judged-by", VISITOR),
                *("--competent-because", "shared,who"),
            ],
            "competence: was-judged-not-to-be",
        ),
        (["--parents-not-told"], "parents-not-told: is-a-young-persons-to-ask"),
        (["--interpreter", "Polish, by her sister"], "interpreter: is-not-a-language-tag"),
        (["--evidence", "the form in the drawer"], "evidence: is-not-an-opaque-id-or-digest"),
        (["--article-9", "art-9-2-g"], "article-9: does-not-go-with-the-basis"),
        (["--gateway", "magna-carta"], "gateway: is-none-of: "),
        (["--review-at", "soon"], "review-at: is-not-a-date"),
        (["--response", "objected", "--basis", "consent"], "basis: cannot-be-objected-to"),
        (["--supersedes", "99" * 16], "supersedes: is-not-known"),
    ],
)
def test_what_makes_no_sense_is_told_by_option(decision: Command, more: list[str], message: str):
    """Exit code 2, the option and why; never what was typed."""
    code, out, err = decision("record", *WREN, *WHAT, *more)

    assert (code, out) == (2, "")
    assert f"tell-once: {message}" in err
    assert "drawer" not in err
    assert "sister" not in err


def test_command_lines_of_before_go_on_working(decision: Command):
    """A duty rests on the duty that every agency has; an objection is to a public task."""
    duty = _recorded(decision, *A_DUTY)
    objection = _recorded(decision, "--response", "objected")
    refusal = _recorded(decision, "--response", "refused", "--decided-by", "mother")

    assert _shown(decision, duty)["gateways"] == ["children-act-2004-s11"]
    assert _shown(decision, objection)["basis"] == "public-task"
    assert _shown(decision, refusal)["because"] is None


def test_a_young_person_decides_when_judged_or_16(decision: Command):
    """The judgement is kept; a date that is typed makes nobody older, a word is written down."""
    young = ("--decided-by", "young-person")
    judged = _recorded(
        decision,
        *young,
        *("--competent-because", ALL_FIVE, "--judged-by", VISITOR, "--parents-not-told"),
    )
    told = _shown(decision, judged)["circumstances"]
    presumed = _recorded(decision, *young, "--presumed-competent")

    assert told["competence"]["judged_by"] == VISITOR
    assert told["competence"]["weighs_it_up"] is True
    assert told["parents_are_not_told"] is True
    assert _shown(decision, presumed)["circumstances"]["presumed_competent"] is True


def test_one_stands_in_the_place_of_another_until_it_is_found_invalid(decision: Command):
    """Then the one before stands again."""
    refusal = _recorded(decision, "--response", "refused")
    wrong = _recorded(decision, "--supersedes", refusal)
    replaced = _shown(decision, refusal)

    code, out, _ = decision("invalidate", wrong, "--because", "wrong-person")

    assert (code, out) == (0, f"Marked as invalid decision {wrong}\n")
    assert (replaced["state"], replaced["superseded_by"]) == ("superseded", wrong)
    invalid = _shown(decision, wrong)
    assert (invalid["state"], invalid["invalidated_because"]) == ("invalidated", "wrong-person")
    assert _shown(decision, refusal)["state"] == "in-force"


def test_what_is_not_the_familys_to_end_is_ended(decision: Command):
    """A duty is neither withdrawn nor objected to; a public task is objected to."""
    duty = _recorded(decision, *A_DUTY)
    task = _recorded(decision, "--basis", "public-task", "--decided-by", "practitioner")

    refused = [decision(verb, duty) for verb in ("withdraw", "object")]
    ended = decision("end", duty)
    objection = _document(
        decision("object", task, "--decided-by", "father", "--channel", "paper", "--json")
    )

    assert {(code, err) for code, _, err in refused} == {(2, "tell-once: decision: is-a-duty\n")}
    assert ended[:2] == (0, f"Ended decision {duty}\n")
    assert _shown(decision, duty)["state"] == "expired"
    shown = _shown(decision, objection["decision_id"])
    assert (shown["response"], shown["objects_to"]) == ("objected", task)
    assert _shown(decision, task)["state"] == "in-force"


def test_what_is_due_by_a_day_is_listed_by_id(decision: Command):
    """Longest due first; what no longer holds is not."""
    later = _recorded(decision, "--review-at", "2040-02-01")
    sooner = _recorded(decision, "--review-at", "2040-01-01")
    gone = _recorded(decision, "--review-at", "2040-01-01")
    decision("withdraw", gone)

    due = _document(decision("due", "--by", "2040-02-01", "--json"))["decisions"]
    none_yet = decision("due")

    assert [one["decision_id"] for one in due] == [sooner, later]
    assert due[0]["review_at"] == "2040-01-01T00:00:00+00:00"
    assert none_yet[:2] == (0, "Nothing is due for review\n")
