"""The file of rules is read strictly: what it forgets would be kept for ever."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Category, Source
from services.cli.lifecycle.retention import rules_document
from services.lifecycle.retention.rules import STANDARD, retention_rules, rules_from_json
from services.platform.errors import RetentionRulesInvalidError

_MARK = "Quillfeather"
Change = Callable[[dict[str, Any]], object]


def test_the_standard_rules_have_one_for_everything():
    """And say of each how long its source keeps it and why ours is kept as it is."""
    rules = retention_rules(None)

    for source, category in product(Source, Category):
        rule = rules.rule_for(source, category)
        assert rule.until_age is not None
        assert rule.until_age < 25  # the sources' own limit
        assert rule.because
        assert rule.the_source_keeps


def test_what_is_shown_is_what_a_file_may_say():
    """So `retention rules --json` is where a council begins."""
    rules = retention_rules(None)

    shown = rules_document(rules)

    assert shown == json.loads(STANDARD.read_bytes())
    again = rules_from_json(json.dumps(shown).encode())
    assert (again.rules, again.housekeeping) == (rules.rules, rules.housekeeping)


WRONG: dict[str, tuple[Change, str]] = {
    "no version": (lambda f: f.pop("version"), "version"),
    "a name for a version": (lambda f: f.update(version=_MARK), "version"),
    "something else": (lambda f: f.update(extra=1), "extra"),
    "a rule less": (lambda f: f["rules"].pop(), "rules"),
    "an id twice": (lambda f: f["rules"].append(f["rules"][0]), "rules"),
    "for ever": (lambda f: f["rules"][0].pop("at_most"), "rules.0.at_most"),
    "days": (lambda f: f["rules"][0].update(at_most="P3D"), "rules.0.at_most"),
    "no time": (lambda f: f["rules"][0].update(at_most="P0Y"), "rules.0.at_most"),
    "a number": (lambda f: f["rules"][0].update(at_most=3), "rules.0.at_most"),
    "before birth": (lambda f: f["rules"][0].update(until_age=-1), "rules.0.until_age"),
    "no reason": (lambda f: f["rules"][0].update(because=""), "rules.0.because"),
    "no source": (lambda f: f["rules"][0].update(sources=[_MARK]), "rules.0.sources.0"),
    "no category": (lambda f: f["rules"][0].update(categories=[]), "rules.0.categories"),
    "no time for looks": (lambda f: f["housekeeping"].pop("looks"), "housekeeping.looks"),
    "shorter than the bus": (
        lambda f: f["housekeeping"].update(handled_events="P1M"),
        "housekeeping.handled_events",
    ),
    "removals shorter than the bus": (
        lambda f: f["housekeeping"].update(removals="P1M"),
        "housekeeping.removals",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_is_refused_by_element(wrong: str):
    """Never by value."""
    document = json.loads(STANDARD.read_bytes())
    change, element = WRONG[wrong]
    change(document)

    with pytest.raises(RetentionRulesInvalidError) as refused:
        rules_from_json(json.dumps(document).encode())

    assert refused.value.element == element
    assert _MARK not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_what_is_no_such_file_is_refused(content: bytes):
    """Whatever it is."""
    with pytest.raises(RetentionRulesInvalidError):
        rules_from_json(content)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    """A council's own rules are not replaced by the standard ones in silence."""
    with pytest.raises(RetentionRulesInvalidError):
        retention_rules(tmp_path / "rules.json")
