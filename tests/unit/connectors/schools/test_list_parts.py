"""For which part of a school a list is declared whole, as people write it."""

import pytest

from connectors.schools.list_parts import part_from_name, part_from_text, parts_of


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("school", "school"),
        ("School", "school"),
        ("year:3", "year:3"),
        ("year: Year 3", "year:3"),
        ("year:Reception", "year:r"),
        ("class:3B", "class:3b"),
        ("class: 3 B ", "class:3b"),
        ("school:3", None),
        ("year:", None),
        ("class", None),
        ("3B", None),
        ("", None),
    ],
)
def test_a_part_is_a_school_a_year_or_a_class(text: str, part: str | None):
    """Capitals and spaces do not matter; anything else is none."""
    assert part_from_text(text) == part


def test_a_pupil_stands_in_the_parts_that_people_declare():
    """Written in either way."""
    assert parts_of("Year 3", "3B") == (part_from_text("year:3"), part_from_text("class:3b"))
    assert parts_of("R", None) == (part_from_text("year:reception"),)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("autumn.whole-school.csv", "school"),
        ("20261130T080000Z-ab12-autumn.whole-year-3.CSV", "year:3"),
        ("autumn.whole-class-3-B.csv", "class:3-b"),
        ("whole-school.csv", None),
        ("autumn.csv", None),
        ("autumn.whole-trust.csv", None),
    ],
)
def test_a_file_may_be_declared_whole_by_its_name(name: str, part: str | None):
    """For whoever puts files into a folder."""
    assert part_from_name(name) == part
