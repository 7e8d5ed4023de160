"""The ages of families' pages: dated rows, and what is said before a birthday."""

from datetime import date
from pathlib import Path

import pytest

from services.people.family_access.ages import (
    STANDARD,
    DoorAges,
    DoorAgesError,
    NextChange,
    ages_on,
    read_ages,
)

AGES = ages_on(date(2026, 12, 1))


def a_file(folder: Path, text: str) -> Path:
    """Write a file of ages."""
    path = folder / "ages.toml"
    path.write_text(text)
    return path


def test_ages_are_dated():
    """A law that changes is a row; before the first there is no answer."""
    later = DoorAges(date(2027, 9, 1), own_sign_in_from=16)

    assert ages_on(date(2027, 8, 31), (*STANDARD, later)).own_sign_in_from == 13
    assert ages_on(date(2027, 9, 1), (*STANDARD, later)).own_sign_in_from == 16
    with pytest.raises(ValueError, match="no ages"):
        ages_on(date(2018, 5, 24))


def test_file_adds_rows_and_each_keeps_what_it_does_not_say(tmp_path: Path):
    """Of two boundaries that have passed the latest counts, in whatever order they are asked."""
    path = a_file(
        tmp_path,
        """
        [[ages]]
        in_force_from = 2027-09-01
        own_sign_in_from = 15
        warn_at = [9, 10, 15]
        [[ages]]
        in_force_from = 2028-01-01
        review_at = 12
        """,
    )

    told = read_ages(path)

    assert ages_on(date(2027, 8, 31), told) == STANDARD[0]
    last = ages_on(date(2028, 1, 1), told[::-1])
    assert (last.own_sign_in_from, last.review_at, last.warn_at) == (15, 12, (9, 10, 15))
    assert read_ages(None) == STANDARD


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("own_sign_in_from = 12", "13 to 16"),
        ("own_sign_in_from = 17", "13 to 16"),
        ("parents_off_at = 18", "at most 16"),
        ("review_at = 17", "review_at"),
        ("grown_up_at = 21", "18"),
        ("review_at = true", "whole number"),
        ("warn_at = ['10']", "whole number"),
        ("reveiw_at = 11", "no age"),
        ("in_force_from = 2018-05-25", "after that of the row before"),
        ("in_force_from = 2027-09-01T00:00:00Z", "after that of the row before"),
    ],
)
def test_row_that_widens_or_means_nothing_is_refused(tmp_path: Path, row: str, why: str):
    """The service does not start with it, and says which row."""
    day = "" if "in_force_from" in row else "in_force_from = 2027-09-01\n"

    with pytest.raises(DoorAgesError, match=rf"ages\.0: .*{why}"):
        read_ages(a_file(tmp_path, f"[[ages]]\n{day}{row}\n"))


@pytest.mark.parametrize("text", ["[[ages", "ages = 3", "[[other]]\na = 1"])
def test_file_that_is_no_list_of_ages_is_refused(tmp_path: Path, text: str):
    """And one that is not there."""
    with pytest.raises(DoorAgesError):
        read_ages(a_file(tmp_path, text))
    with pytest.raises(DoorAgesError):
        read_ages(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("years", "change"),
    [
        ((), None),
        ((9,), None),
        ((10,), NextChange(11, hides_all=False)),
        ((9, 10), NextChange(11, hides_all=False)),
        ((10, 11), None),
        ((15,), NextChange(16, hides_all=True)),
        ((16,), None),
    ],
)
def test_what_comes_next_is_said_a_year_before(years: tuple[int, ...], change: NextChange | None):
    """To parents, and to whoever meets them; by the oldest age that a source tells."""
    assert AGES.next_change(years) == change


@pytest.mark.parametrize(
    ("years", "may"),
    [((), False), ((15,), False), ((15, 16), False), ((16,), True), ((17, 18), False)],
)
def test_young_person_lets_parents_see_from_sixteen_to_eighteen(
    years: tuple[int, ...], *, may: bool
):
    """Every age that is told of them has to be one: no date that one agency typed makes it so."""
    assert AGES.may_let_see(years) is may
