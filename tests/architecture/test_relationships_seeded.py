"""Nothing that a practitioner can reach makes a relationship: only what loads invented families."""

from tests.support.checkout import ROOT

MAY_SEED = {"deploy/bench/profile.py", "services/cli/demonstration.py"}


def _source_of(package: str) -> dict[str, str]:
    found = (ROOT / package).rglob("*.py")
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in found}


def test_only_loaders_of_invented_families_seed_relationships():
    """Whoever adds a caller here opens records: a page, command or interface must not."""
    packages = ("connectors", "consent", "deploy", "services")
    code = {n: source for package in packages for n, source in _source_of(package).items()}

    seeding = {name for name, source in code.items() if "case_loads.seed(" in source}

    assert seeding == MAY_SEED


def test_the_table_is_written_in_one_place_only():
    """A second way in would pass by the first test."""
    written = "INSERT INTO legitimate_relationship"
    code = {n: s for n, s in _source_of("services").items() if "/migrations/" not in n}

    assert [name for name, source in code.items() if written in source] == [
        "services/people/practitioners/postgres_case_loads.py"
    ]
