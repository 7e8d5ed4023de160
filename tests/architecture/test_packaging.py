"""Our packages are imported from here, nobody else ships their names, and they are whole."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest

from tests.support.checkout import OUR_PACKAGES, ROOT, our_modules

# `link train` asks for these by name where they are missing: no other command needs them.
_INSTALLED_FOR_TRAINING = {"pyarrow", "splink"}


@pytest.mark.parametrize("name", [*OUR_PACKAGES, "tests"])
def test_top_level_package_is_imported_from_this_checkout(name: str) -> None:
    """An installed package of the same name would be tested instead of ours."""
    assert list(import_module(name).__path__) == [str(ROOT / name)]


@pytest.mark.parametrize("name", OUR_PACKAGES)
def test_no_installed_distribution_also_ships_it(name: str) -> None:
    """The names are also those of distributions that a dependency may bring in one day."""
    assert set(packages_distributions().get(name, [])) <= {"tell-once"}


def test_every_folder_of_tests_is_a_package() -> None:
    """Without __init__.py a folder called consent hides the real package (STYLE.md 3)."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}

    missing = sorted(str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists())

    assert not missing


def test_what_runs_needs_nothing_that_only_tests_and_benches_have() -> None:
    """The wheel is installed without the test group, and without what is under deploy/."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    at_hand = _with_what_they_need(map(_distribution, project["dependencies"]))
    whose = packages_distributions()

    missing = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in our_modules()
        for name in _imported(path.read_text()) - _INSTALLED_FOR_TRAINING
        if name not in OUR_PACKAGES and name not in sys.stdlib_module_names
        if at_hand.isdisjoint(map(_distribution, whose.get(name, ["of nobody"])))
    }

    assert not missing


def test_an_import_from_outside_the_wheel_is_seen() -> None:
    """Wherever in a file it stands."""
    assert _imported("def f():\n    from deploy.bench import world\n") == {"deploy"}


def _imported(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    plain = [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    froms = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in [*plain, *froms]}


def _with_what_they_need(distributions: Iterable[str]) -> set[str]:
    found: set[str] = set()
    left = list(distributions)
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue  # for another platform
        left += [_distribution(line) for line in needed if "extra ==" not in line]
    return found


def _distribution(requirement: str) -> str:
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
