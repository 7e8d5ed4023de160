"""The register's codes: what each means, how it counts, how a run of marks is cut into them."""

from typing import Any

import pytest

from connectors.schools.ctf.attendance import codes_from_marks
from schemas.attendance_codes import AttendanceClass, AttendanceCode
from tests.support.messages.school_cases import yaml_of

_CODES = yaml_of("attendance-codes.yaml")
_MARKS = yaml_of("attendance-marks.yaml")


@pytest.mark.parametrize("counts_as", list(AttendanceClass))
def test_codes_count_as_the_table_says(counts_as: AttendanceClass):
    """Those in force, and apart from them those that were."""
    known = [code for code in AttendanceCode if code.counts_as is counts_as]

    assert {c.value for c in known if not c.is_retired} == set(_CODES[counts_as.value])
    assert {c.value for c in known if c.is_retired} == set(
        _CODES["retired"].get(counts_as.value, ())
    )


def test_every_code_says_what_it_means_in_words_of_its_own():
    """And so does every class."""
    labels = [code.label for code in (*AttendanceCode, *AttendanceClass)]

    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_a_rate_is_attended_of_possible():
    """An approved activity elsewhere is attended; what was not possible is not counted at all."""
    assert {c.value for c in AttendanceCode if c.counts_as.is_attended} == set("/\\LKVPWBJ")
    assert not any(c.counts_as.is_possible for c in map(AttendanceCode, ("#", "X", "Y3", "D")))


@pytest.mark.parametrize("case", _MARKS, ids=[case["why"] for case in _MARKS])
def test_run_of_marks_is_cut_as_the_table_says(case: dict[str, Any]):
    """In one way, or not at all: nothing is guessed."""
    codes = codes_from_marks(case["marks"])

    counted = None if codes is None else {code.value: str(n) for code, n in codes.items()}
    assert counted == case["codes"]
