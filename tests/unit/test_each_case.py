"""Many cases in one test: all are checked, and each that fails is named."""

import pytest

from tests.support.each_case import each_case

_NO_NUMBERS: list[int] = []


def _all_are_small(numbers: list[int]) -> None:
    with each_case() as case:
        for number in numbers:
            with case("number", number):
                assert number < 10, "it is large"


def test_cases_that_hold_pass():
    """Nothing is said of them."""
    _all_are_small([1, 2, 3])


def test_every_case_that_fails_is_named():
    """One that fails hides no other."""
    with pytest.raises(pytest.fail.Exception) as failure:
        _all_are_small([1, 11, 2, 12])

    first, *named = str(failure.value).splitlines()
    assert first == "2 of 4 cases failed:"
    assert [line.partition(" it is large")[0] for line in named if "number, " in line] == [
        "number, 11:",
        "number, 12:",
    ]
    assert "of test_each_case.py)" in str(failure.value)


def test_a_case_that_does_not_raise_what_it_should_is_named():
    """That failure is one like any other."""

    def no_texts_are_numbers() -> None:
        with each_case() as case:
            for name, text in {"four": "x", "five": "5"}.items():
                with case(name), pytest.raises(ValueError, match="invalid literal"):
                    int(text)

    with pytest.raises(pytest.fail.Exception, match=r"(?s)1 of 2 .*five: DID NOT RAISE"):
        no_texts_are_numbers()


def test_an_error_in_a_case_is_a_failure_with_its_kind():
    """Whatever is raised."""

    def all_divide() -> None:
        with each_case() as case, case("nothing"):
            assert 1 // len(_NO_NUMBERS)

    with pytest.raises(pytest.fail.Exception, match="nothing: ZeroDivisionError"):
        all_divide()


def test_a_loop_that_came_to_no_case_fails():
    """It would assert nothing."""
    with pytest.raises(pytest.fail.Exception, match="no case"):
        _all_are_small(_NO_NUMBERS)


def test_many_failures_are_cut_short():
    """With how many there are."""
    with pytest.raises(pytest.fail.Exception, match=r"(?s)30 of 30 .*and 10 more"):
        _all_are_small(list(range(10, 40)))


def test_a_skip_is_no_failure():
    """What cannot be checked here skips the test."""
    with pytest.raises(pytest.skip.Exception), each_case() as case, case("one"):
        pytest.skip("not here")
