"""The tables in deploy/conformance/, written from the same cases that the tests run.

Write them anew with `python -m tests.support.consents.conformance`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from consent.deciding.words import CombiningAlgorithm
from tests.support.checkout import ROOT
from tests.support.consents import segmentation
from tests.support.consents.ihe_pcf import atoms, residual_in
from tests.support.consents.pcf_cases import cases_of, unlabelled_cases_of
from tests.support.consents.pcf_expectations import EXPECTED, Expected
from tests.support.consents.segmentation import Row

FOLDER = ROOT / "deploy" / "conformance"
_PCF_ABOUT = """\
# IHE Privacy Consent on FHIR: the sample consents

Source: IHE/ITI.PCF at 3fefea1, `input/fsh` and `input/pagecontent`, CC-BY-4.0. Written by
`tests/support/consents/conformance.py`; a test fails when it is out of date.

Each consent is asked, alone, for treatment, research and break-glass; data labelled N, R and PSY;
the actor that it names and another. What must come out stands in
`tests/support/consents/pcf_expectations.py`, taken from the notes (two consents have none: their
descriptions). *Residual* compares what a request that says nothing of the data leaves to enforce
with the `residual` in the note's token.

Read into the notes, and worth knowing:

- Break-glass (BTG) is a kind of treatment in HL7's v3-ActReason, so what permits treatment permits
  break-glass. The note on break-glass needs this: such users get normal *and* restricted data.
- A label is matched by itself or a kind of it; of confidentiality the highest on the data counts.
- What permits labelled data says nothing of other data; what denies some does. Alone that makes no
  difference; beside another consent only the latter stands against a permission.
- One note writes `deny` where the others write `forbid`; they are read alike.
"""
_SEGMENTATION_ABOUT = """\
# Consent with segmentation: truth table and scenario

Source: JohnMoehrke/ConsentWithSeg-testing at 9c23849, `input/tests`, CC-BY-4.0. Written by
`tests/support/consents/conformance.py`; a test fails when it is out of date.

`~any~` is run with both defaults. *Without a default* has only the consent; *default recorded* has
the default rule too, as a consent of 1970 with `policyRule` OPTIN or OPTOUT. **Bold** disagrees.
"""
_SEGMENTATION_DISAGREEMENTS = """\
The table assumes that a default gives way to a consent: most-recent, with the default as the oldest
word. There every row agrees. The others, one by one:

- *Without a default*, no consent, default permit: Tell Once has no default. Nothing means no, under
  every algorithm; who wants a default must record it.
- deny-overrides, default deny recorded, consent permit: the recorded default is a refusal, and any
  refusal holds.
- permit-overrides, default permit recorded, consent deny: the recorded default is a permission, and
  any permission holds.
"""


def ihe_pcf_table() -> str:
    """The table of deploy/conformance/ihe-pcf.md."""
    names = [algorithm.value for algorithm in CombiningAlgorithm]
    head = ["consent", "cases", *names, "residual", "disagrees in"]
    return "\n".join([_PCF_ABOUT, *_table(head, (_pcf_row(one) for one in EXPECTED))]) + "\n"


def segmentation_table() -> str:
    """The table of deploy/conformance/consent-with-segmentation.md."""
    lines = [_SEGMENTATION_ABOUT]
    for heading, with_default in (("Without a default", False), ("Default recorded", True)):
        lines += [f"## {heading}\n", *_truth_table(with_default=with_default), ""]
    lines += ["## Where it disagrees, and why\n", _SEGMENTATION_DISAGREEMENTS]
    lines += ["## Only non-sensitive data\n", *_scenario()]
    return "\n".join(lines) + "\n"


TABLES: dict[str, Callable[[], str]] = {
    "ihe-pcf.md": ihe_pcf_table,
    "consent-with-segmentation.md": segmentation_table,
}


def _pcf_row(expected: Expected) -> list[str]:
    cases = list(cases_of(expected))
    wrong = {
        algorithm: [c for c in cases if c.ask(algorithm).decision is not c.is_permitted]
        for algorithm in CombiningAlgorithm
    }
    counts = [f"{len(cases) - len(wrong[a])} of {len(cases)}" for a in CombiningAlgorithm]
    told = {f"{c.purpose}/{c.label}/{c.actor}" for found in wrong.values() for c in found}
    name = f"`{expected.consent}`, {expected.at[:10]}"
    return [name, str(len(cases)), *counts, _residuals(expected), ", ".join(sorted(told)) or "–"]


def _residuals(expected: Expected) -> str:
    cases = list(unlabelled_cases_of(expected))
    algorithm = CombiningAlgorithm.DENY_OVERRIDES
    agree = [
        atoms(case.ask(algorithm).context["obligations"]) == atoms(residual_in(note))
        for case, note in cases
    ]
    return f"{sum(agree)} of {len(agree)}" if agree else "–"


def _truth_table(*, with_default: bool) -> Iterator[str]:
    names = [algorithm.value for algorithm in CombiningAlgorithm]
    head = ["consent", "default", "user", "expected", *names]
    return _table(head, (_truth_row(r, with_default=with_default) for r in segmentation.rows()))


def _truth_row(row: Row, *, with_default: bool) -> list[str]:
    results = [row.result(a, with_default=with_default) for a in CombiningAlgorithm]
    marked = [r if r == row.auth else f"**{r}**" for r in results]
    return [row.consent, row.default, row.user, row.auth, *marked]


def _scenario() -> Iterator[str]:
    asked = [("User1", ["N"]), ("User1", ["R"]), ("User1", None), ("User2", ["N"])]
    return _table(
        ["user", "data labelled", *(a.value for a in CombiningAlgorithm)],
        (
            [
                user,
                "not said" if labels is None else labels[0],
                *(_scenario_result(user, labels, a) for a in CombiningAlgorithm),
            ]
            for user, labels in asked
        ),
    )


def _scenario_result(user: str, labels: list[str] | None, algorithm: CombiningAlgorithm) -> str:
    answer = segmentation.non_sensitive_only(user, labels, algorithm)
    if not answer.decision:
        return "deny"
    return "permit, all but N to be removed" if answer.context["obligations"] else "permit"


def _table(head: list[str], body: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in body:
        yield f"| {' | '.join(row)} |"


def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        (folder / name).write_text(table(), "utf-8")


if __name__ == "__main__":
    _write(FOLDER)
