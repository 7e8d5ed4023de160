"""A class name stands once: whoever reads it anywhere knows which is meant (STYLE.md 25)."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.support.checkout import ROOT, our_modules

_TWICE_FOR_A_REASON = {
    "Action": "AuthZEN's word in the published OpenAPI, and what a message says about a record",
    "Subject": "AuthZEN's word in the published OpenAPI, and a person in a message",
}


def _standing_twice(sources: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """The class names that are defined more than once in these files, each with where."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, text in sources:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{name}:{node.lineno}")
    return {name: where for name, where in found.items() if len(where) > 1}


def _ours() -> Mapping[str, list[str]]:
    return _standing_twice(
        (str(path.relative_to(ROOT)), path.read_text()) for path in our_modules()
    )


def test_no_class_name_stands_twice():
    """Name each for what it is from outside: `StoryDone` and `PairDone`, not two `Done`."""
    twice = {n: where for n, where in _ours().items() if n not in _TWICE_FOR_A_REASON}

    assert not twice, "say in each name what it is: " + "; ".join(
        f"{name} in {', '.join(where)}" for name, where in twice.items()
    )


def test_no_exception_is_listed_for_nothing():
    """A name that has become one again leaves the list."""
    assert _TWICE_FOR_A_REASON.keys() <= _ours().keys()


def test_a_name_that_stands_twice_is_seen():
    """Also one that only its own module uses; one that is imported stands once."""
    known = [
        ("consent/ports.py", "class Outbox:\n    pass\n"),
        ("connectors/ports.py", "from consent.ports import Outbox\n"),
    ]
    again = ("services/work.py", "\nclass Outbox:\n    pass\n")
    private = [("a.py", "class _Reading: ..."), ("b.py", "def f():\n    class _Reading: ...")]

    assert not _standing_twice(known)
    assert _standing_twice([*known, again]) == {
        "Outbox": ["consent/ports.py:1", "services/work.py:2"]
    }
    assert _standing_twice(private) == {"_Reading": ["a.py:1", "b.py:2"]}
