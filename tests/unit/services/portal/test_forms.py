from datetime import date

import pytest

from schemas.vocabulary import IdentifierScheme
from services.people.practitioners.people import SubjectEntry
from services.portal.frame.forms import FormErrors, Submitted, read_date, read_subject
from tests.support.portal.portal_forms import A_CHILD

TODAY = date(2026, 11, 22)


def the_form(**changed: str) -> Submitted:
    fields = {**A_CHILD, **{name.replace("_", "-"): text for name, text in changed.items()}}
    return Submitted({name: [str(text)] for name, text in fields.items()})


def test_nothing_filled_in_is_not_a_subject() -> None:
    """Every field is asked for, beside its field."""
    errors = FormErrors()

    subject = read_subject(Submitted(), errors, TODAY)

    assert subject is None
    assert list(errors.messages) == ["scheme", "date-of-birth-day"]


def test_a_number_may_be_written_with_spaces() -> None:
    """What is kept is the number itself."""
    subject = read_subject(the_form(), FormErrors(), TODAY)

    assert subject == SubjectEntry(IdentifierScheme.NHS_NUMBER, "9990000018", date(2024, 5, 3))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"identifier": "999 000 0019"}, "identifier"),
        ({"identifier": "99900"}, "identifier"),
        ({"scheme": "upn"}, "identifier"),
        ({"scheme": "local"}, "scheme"),
        ({"scheme": "passport"}, "scheme"),
        ({"date_of_birth_month": "13"}, "date-of-birth-day"),
        ({"date_of_birth_day": "31", "date_of_birth_month": "2"}, "date-of-birth-day"),
        ({"date_of_birth_year": "2027"}, "date-of-birth-day"),
        ({"date_of_birth_year": "1524"}, "date-of-birth-day"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changed: dict[str, str], field: str) -> None:
    """The message says what to do and never repeats what was typed."""
    form = the_form(**changed)
    errors = FormErrors()

    subject = read_subject(form, errors, TODAY)

    assert subject is None
    assert list(errors.messages) == [field]
    assert form.text("identifier") not in errors.messages[field]


@pytest.mark.parametrize("year", ["२०२४", "-1", "0", "99999", "2024.0"])
def test_a_date_that_is_none_does_no_harm(year: str) -> None:
    """Odd digits and numbers out of range are dates or errors, never a crash."""
    form = Submitted({"on-day": ["3"], "on-month": ["5"], "on-year": [year]})
    errors = FormErrors()

    day = read_date(form, errors, "on", "Enter a date")

    assert (day is None) == bool(errors)


def test_a_form_does_not_show_what_is_in_it() -> None:
    """A form that gets into a log line tells nothing."""
    assert "9990000018" not in repr(the_form())
    assert "999 000 0018" not in repr(the_form())
