"""Who left hospital because they died, by whatever says so; and who only went to somebody."""

from collections.abc import Sequence

import pytest

from connectors.health_visiting.nems.events import EventCode
from schemas.records.message import SourceMessage
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Category
from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    concept,
    encounter,
    organisation,
    patient,
)
from tests.support.reading import (
    nems,
    payloads,
    the_message,
)

CONTEXT = (patient(), organisation())
SNOMED = "http://snomed.info/sct"

DIED_THERE: Sequence[Resource] = (
    concept("Died"),
    concept("Expired"),
    {"text": "Patient died in department"},
    {"coding": [{"system": "http://hl7.org/fhir/discharge-disposition", "code": "exp"}]},
)


def left_hospital(went_to: Resource, **person: object) -> SourceMessage:
    """A discharge of a child to there."""
    stay = encounter(hospitalization={"dischargeDisposition": went_to})
    context = (patient(**person), organisation())
    return the_message(nems, bundle(EventCode.DISCHARGE, stay, *context))


@pytest.mark.parametrize("went_to", DIED_THERE)
def test_who_left_hospital_because_they_died_has_died(went_to: Resource):
    """Told among what an update of the stay clears; where the Patient denies it, it contradicts."""
    died, denied = left_hospital(went_to), left_hospital(went_to, deceasedBoolean=False)

    (told,) = (r for r in died.records if r.source_id.endswith("/died"))
    assert told.payload == PersonDetails(has_died=True)
    assert told.category is Category.IDENTITY_AND_CONTACT
    assert told.scopes[-1].endswith("/others")
    assert any(details.death_contradicted for details in payloads(denied, PersonDetails))


def test_who_went_to_somebody_of_whom_a_death_is_told_has_not_died():
    """Only words that say nothing else."""
    home = left_hospital(concept("Home of a relative, whose partner died"))

    assert not any(details.says_died for details in payloads(home, PersonDetails))
