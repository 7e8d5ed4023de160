"""Our packages are imported from this checkout, and nobody else ships their names."""

from importlib import import_module
from importlib.metadata import packages_distributions

import pytest

from tests.support.checkout import OUR_PACKAGES, ROOT


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
