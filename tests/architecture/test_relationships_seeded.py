"""Who writes relationships down: each caller is listed, with what it has seen of a second hand."""

from tests.support.checkout import ROOT

MAY_ADD = {
    "deploy/bench/one_family.py": "invented families",
    "services/cli/demonstration.py": "invented families",
    "services/people/own_cases/taking.py": "feeds that two officers registered",
    "services/people/relationships/emergency.py": "announced before it opens; and what ends",
    "services/people/relationships/requests.py": "a case-load holder of another agency",
    "services/people/presence/beginning.py": "a code that the family read out, or a human being",
}


def _source_of(package: str) -> dict[str, str]:
    found = (ROOT / package).rglob("*.py")
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in found}


def test_relationships_are_added_only_where_a_warrant_was_seen():
    """Whoever adds a caller here opens records: each has to say who the second hand is."""
    packages = ("connectors", "consent", "deploy", "services")
    code = {n: source for package in packages for n, source in _source_of(package).items()}

    adding = {name for name, source in code.items() if "relationships.add(" in source}

    assert adding == MAY_ADD.keys()


def test_the_table_is_written_in_one_place_only():
    """A second way in would pass by the first test."""
    written = ("INSERT INTO relationship ", "bound.add(RELATIONSHIPS")
    code = {n: s for n, s in _source_of("services").items() if "/migrations/" not in n}

    assert [n for n, source in code.items() if any(words in source for words in written)] == [
        "services/people/relationships/postgres.py"
    ]
