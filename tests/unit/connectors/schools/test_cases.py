"""What a school sends and what must come of it, told in cases/*.yaml."""

import pytest

from tests.support.messages.school_cases import CASES, SchoolCase, school_cases

_FILES = (
    "who-a-pupil-is",
    "where-and-with-whom",
    "at-school",
    "class-lists",
    "class-lists-as-exported",
)
_CASES = school_cases(*_FILES)


@pytest.mark.parametrize("case", _CASES, ids=[f"{case.file}: {case.name}" for case in _CASES])
def test_file_becomes_what_its_case_says(case: SchoolCase):
    """Records as far as the case tells them, or the field and the reason for which it parks."""
    assert case.what_came() == case.expected


def test_no_two_cases_have_one_name_and_no_file_is_forgotten():
    """A failing case can be found."""
    names = [(case.file, case.name) for case in _CASES]

    assert len(set(names)) == len(names)
    told = {path.stem for path in CASES.glob("*.yaml")}
    assert told == {*_FILES, "attendance-codes", "attendance-marks"}
