"""The NHS's own 25 examples, read where they lie: what each becomes, contradictions included."""

import pytest

from connectors.ports import Unreadable
from schemas.records.message import SourceMessage
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Action
from tests.support.reading import SAMPLES, nems, outcomes, payloads

FOLDER = SAMPLES / "health-visiting-nems"
BAD_NUMBER = ("Patient.identifier[nhs-number]", "check-digit")

RIGHT_DATE = b'birthDate value="2017-10-02'

PARKED = {
    "PDS-Death-Notification-formal-ems-example": BAD_NUMBER,
    "PDS-Death-Notification-informal-ems-example": BAD_NUMBER,
    "PDS-Death-Notification-removed-ems-example": BAD_NUMBER,
}
MAPPED = {
    "BirthNotificationWithMother": [
        "PersonDetails", "ContactDetails", "PersonDetails", "Occurrence", "Relationship",
    ],
    "BirthNotificationWithoutMother": [
        "PersonDetails", "PersonDetails", "ContactDetails", "PersonDetails", "Occurrence",
        "Relationship",
    ],
    "PDS-Change-Of-GP-ems-example": [
        "PersonDetails", "ContactDetails", "Involvement", "Involvement",
    ],
    "PDS-Record-Change": [],
    "PDS-Record-Change-Citizen": [],
    "Professional-Contacts-1-delete": ["removal", "clearing"],
    "blood-spot-test-outcome-1-delete": ["removal"],
    "newborn-hearing-1-delete": ["removal"],
    "nipe-outcome-1-delete": ["removal"],
    "vaccinations-1-delete": ["removal"],
    "vaccinations-1-notgiven-new": ["PersonDetails", "ContactDetails", "Occurrence"],
}  # fmt: skip
IN_DOUBT = {
    "PDS-Change-Of-Address-ems-example": ("tells-who-they-are",),
    **dict.fromkeys(
        (
            f"{event}-{kind}"
            for event in (
                "Professional-Contacts-1",
                "blood-spot-test-outcome-1",
                "newborn-hearing-1",
                "nipe-outcome-1",
                "vaccinations-1",
            )
            for kind in ("new", "update")
        ),
        (),
    ),
}

_OF_NOTHING = {Action.REMOVE: "removal", Action.CLEAR: "clearing"}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared samples are not here")


def example(name: str) -> SourceMessage | Unreadable:
    """What one example becomes."""
    (outcome,) = outcomes(nems, (FOLDER / f"{name}.xml").read_bytes())
    return outcome


@pytest.mark.parametrize(("name", "refusal"), PARKED.items())
def test_example_that_contradicts_itself_parks(name: str, refusal: tuple[str, str]):
    """On a check digit."""
    outcome = example(name)

    assert isinstance(outcome, Unreadable)
    assert (outcome.field, outcome.reason) == refusal


@pytest.mark.parametrize(("name", "kinds"), MAPPED.items())
def test_sound_example_maps(name: str, kinds: list[str]):
    """To these records, in this order."""
    outcome = example(name)

    assert isinstance(outcome, SourceMessage)
    assert [
        _OF_NOTHING[record.action] if record.payload is None else type(record.payload).__name__
        for record in outcome.records
    ] == kinds


def test_example_of_a_death_before_birth_is_told_as_contradicted():
    """It may be true that the baby died, whatever the date is."""
    outcome = example("BirthNotificationWithoutMother")

    assert isinstance(outcome, SourceMessage)
    (death,) = [d for d in payloads(outcome, PersonDetails) if d.says_died]
    assert death.death_contradicted


def test_example_with_two_birth_dates_is_in_doubt():
    """Its time of birth agrees with the one by which it was routed, but for a change of address."""
    for name, against in IN_DOUBT.items():
        outcome = example(name)
        assert isinstance(outcome, SourceMessage), name
        assert outcome.doubt is not None, name
        assert outcome.doubt.against == against, name
        assert outcome.doubt.is_timed == (not against), name


def test_example_with_its_birth_date_put_right_maps():
    """Each of those that are in doubt for the date alone is otherwise understood."""
    for name in IN_DOUBT:
        wrong = b"2019-10-02" if name.startswith("PDS") else b"2013-10-12"
        text = (FOLDER / f"{name}.xml").read_bytes()

        (outcome,) = outcomes(nems, text.replace(b'birthDate value="' + wrong, RIGHT_DATE))

        assert isinstance(outcome, SourceMessage), name
        assert outcome.records, name
        assert outcome.doubt is None, name


def test_every_example_is_named_here():
    """None is forgotten."""
    names = {path.stem for path in FOLDER.glob("*.xml")}

    assert names == PARKED.keys() | MAPPED.keys() | IN_DOUBT.keys()


def test_no_two_examples_are_duplicates():
    """Although several share their header's id."""
    ids = [example(path.stem).message_id for path in FOLDER.glob("*.xml")]

    assert len(set(ids)) == len(ids) == 25
