"""The rules' file: the shipped one is whole, and one that cannot be used says where."""

from pathlib import Path

import pytest

from services.audit.unusual.settings import (
    STANDARD,
    UnusualRulesInvalidError,
    unusual_rules,
    unusual_rules_from_toml,
)


def test_the_shipped_rules_are_read_where_none_are_named(tmp_path: Path) -> None:
    """A copy of them is the same."""
    mine = tmp_path / "rules.toml"
    mine.write_bytes(STANDARD.read_bytes())

    assert unusual_rules(None) == unusual_rules(mine)


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ("times = 5", "times = 0", "refused.times"),
        ("night_from = 22", "night_from = 24", "hours.night_from"),
        ('version = "unusual-1"', 'version = "Of Mine"', "version"),
        ("kept_days = 200", "kept_days = 100", "review.kept_days"),
        ("[search]", "[surch]", "search"),
        ("[search]", "[search", "file"),
    ],
)
def test_a_file_that_cannot_be_used_names_the_element(old: str, new: str, element: str) -> None:
    """And never what stands there."""
    content = STANDARD.read_text().replace(old, new).encode()

    with pytest.raises(UnusualRulesInvalidError) as caught:
        unusual_rules_from_toml(content)

    assert element.split(".", maxsplit=1)[0] in str(caught.value)
    assert "Of Mine" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_without_its_name(tmp_path: Path) -> None:
    """By the kind of error."""
    with pytest.raises(UnusualRulesInvalidError, match="FileNotFoundError"):
        unusual_rules(tmp_path / "none.toml")
