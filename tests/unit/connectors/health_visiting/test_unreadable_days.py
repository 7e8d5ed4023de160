"""A date that is none costs its element, and what hangs on it is not known."""

import pytest

from schemas.records.payloads import (
    ContactDetails,
    FactStatus,
    Involvement,
    Occurrence,
    Plan,
    Relationship,
)
from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    encounter,
    episode,
    observation,
    organisation,
    patient,
    practitioner,
    to,
)
from tests.support.reading import nems, payloads, the_message, the_refusal

CONTEXT = (organisation(), practitioner())
OPEN_END = {"start": "2025-09-01", "end": "next summer"}


def test_an_encounter_on_no_day_took_place_all_the_same():
    """What was found is told without a day, and the fault is named."""
    text = bundle("observations-1", encounter(period={"start": "20/02/2026"}), observation(),
                  patient(), *CONTEXT)  # fmt: skip

    message = the_message(nems, text)

    (told,) = payloads(message, Occurrence)
    assert (told.period.start, told.status) == (None, FactStatus.HOLDS)
    assert ("Head circumference", "47 cm") in told.details
    assert "Encounter.period.start" in message.unused.fields


def test_a_review_on_no_day_is_not_said_to_be_on_time():
    """Nor late."""
    text = bundle("encounter-1", encounter(period={"start": "soon"}), patient(), *CONTEXT)

    (review,) = payloads(the_message(nems, text), Occurrence)

    assert dict(review.details)["Timeliness"] == "Not known: a date is missing"


@pytest.mark.parametrize(
    ("status", "is_so"),
    [
        ("active", FactStatus.UNKNOWN),
        ("planned", FactStatus.UNKNOWN),
        ("finished", FactStatus.ENDED),
        ("cancelled", FactStatus.NOT_DONE),
        ("entered-in-error", None),
    ],
)
def test_who_works_with_a_child_until_no_day_may_do_so_no_longer(
    status: str, is_so: FactStatus | None
):
    """An end stands there: nobody may be told to ring."""
    text = bundle("professional-contacts-1", episode(status=status, period=OPEN_END), patient(),
                  *CONTEXT)  # fmt: skip

    told = payloads(the_message(nems, text), Involvement)

    assert [one.status for one in told] == ([] if is_so is None else [is_so])
    assert [one.period.end for one in told] == [None for _ in told]


def test_a_plan_until_no_day_may_be_over():
    """Looked after until somebody knows when."""
    looked_after: Resource = {
        **observation(valueQuantity=None, effectivePeriod=OPEN_END),
        "code": {"coding": [{"code": "764841000000100"}]},
    }
    text = bundle("legal-information-1", encounter(), looked_after, patient(), *CONTEXT)

    (plan,) = payloads(the_message(nems, text), Plan)

    assert (plan.status, plan.period.start, plan.period.end) == (
        FactStatus.UNKNOWN,
        "2025-09-01",
        None,
    )


def test_a_relative_until_no_day_may_be_one_no_longer():
    """As with whoever works with the child."""
    related = {
        "resourceType": "RelatedPerson",
        "id": "rel",
        "patient": to("pat"),
        "relationship": {"text": "Step Mum"},
        "period": OPEN_END,
    }
    text = bundle("personal-contacts-1", encounter(), related, patient(), *CONTEXT)

    (relative,) = payloads(the_message(nems, text), Relationship)

    assert (relative.kind.value, relative.status) == ("step-parent", FactStatus.UNKNOWN)


def test_an_address_until_no_day_is_left_at_its_source():
    """The other stands: nobody is sent to where a child may live no longer."""
    homes = [{"line": ["1 Low Road"], "period": OPEN_END}, {"line": ["2 High Road"]}]
    text = bundle("observations-1", encounter(), patient(address=homes), *CONTEXT)

    (contact,) = payloads(the_message(nems, text), ContactDetails)

    assert [address.lines for address in contact.addresses] == [("2 High Road",)]


@pytest.mark.parametrize("born", ["soon", "2024-02-31"])
def test_a_birth_date_that_is_none_still_parks(born: str):
    """It tells one child from another."""
    text = bundle("observations-1", encounter(), patient(birthDate=born), *CONTEXT)

    assert the_refusal(nems, text) == ("Patient.birthDate", "not-a-date")
