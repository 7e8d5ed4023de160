"""Birth notifications: baby, birth and mother."""

from dataclasses import replace

from schemas.records.payloads import Occurrence, PersonDetails, Relationship, RelationshipKind
from schemas.vocabulary import Category, IdentifierStatus, Label
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_pds import birth_notification
from tests.support.reading import nems, payloads, record_of, the_message, the_refusal

BABY = APerson(
    nhs_number="9990000018",
    given=("Edie",),
    born="2026-09-01",
    birth_time="2026-09-01T04:12:00+01:00",
)
MOTHER = APerson(nhs_number="9990000026", given=("Ines",), born="1993-04-05")


def test_baby_comes_first_and_mother_second():
    """The record is the baby's; the header is routed by the mother."""
    message = the_message(nems, birth_notification(BABY, MOTHER))

    numbers = [subject.identifiers[0].value for subject in message.subjects]

    assert numbers == ["9990000018", "9990000026"]


def test_relationship_is_about_both():
    """It needs a right to share for each of them."""
    record = record_of(the_message(nems, birth_notification(BABY, MOTHER)), Relationship)

    assert record.payload.kind is RelationshipKind.MOTHER
    assert record.payload.name == "Ines Marlow"
    assert record.payload.has_responsibility is None
    assert record.subjects == ("baby", "parent")
    assert record.category is Category.FAMILY_AND_HOUSEHOLD
    assert Label.THIRD_PARTY in record.labels


def test_mother_has_details_of_her_own():
    """Under her own key."""
    message = the_message(nems, birth_notification(BABY, MOTHER))

    ids = {r.source_id for r in message.records if isinstance(r.payload, PersonDetails)}

    assert ids == {"patient/pds/9990000018/details", "patient/pds/9990000026/details"}


def test_birth_says_when_where_how_heavy_and_how_early():
    """Weight and gestation as details; what was suspected stays at its source."""
    record = record_of(the_message(nems, birth_notification(BABY, MOTHER)), Occurrence)

    birth = record.payload
    assert birth.period.start == "2026-09-01T04:12:00+01:00"
    assert birth.outcome == "Live birth"
    assert birth.agency_name == "Northfield General Hospital"
    assert birth.details == (
        ("Birth weight", "3410 g"),
        ("Length of gestation", "39 weeks"),
        ("Births at this delivery", "1"),
    )


def test_stillbirth_is_never_shown_as_a_live_birth():
    """Its own words, or ours when it has none."""
    text = birth_notification(BABY, MOTHER, indicator=("3", "Stillborn"))

    assert payloads(the_message(nems, text), Occurrence)[0].outcome == "Stillborn"


def test_twins_keep_their_order():
    """Multiple birth order tells them apart; eight and nine are no order."""
    for sent, kept in (("1", 1), ("2", 2), ("8", None), ("9", None)):
        text = birth_notification(replace(BABY, birth_order=sent), MOTHER)
        details = payloads(the_message(nems, text), PersonDetails)[0]
        assert details.multiple_birth_order == kept, sent


def test_mother_s_bad_number_is_unverified_and_does_not_park():
    """Somebody else's mistake does not keep the baby out."""
    message = the_message(nems, birth_notification(BABY, replace(MOTHER, nhs_number="1112223330")))

    baby, mother = message.subjects

    assert baby.identifiers[0].status is IdentifierStatus.VERIFIED
    assert mother.identifiers[0].status is IdentifierStatus.UNVERIFIED


def test_unverified_number_keys_nobody_s_records():
    """It may be another woman's: her details are not overwritten."""
    message = the_message(nems, birth_notification(BABY, replace(MOTHER, status="02")))

    ids = {r.source_id for r in message.records}

    assert not any("9990000026" in source_id for source_id in ids)


def test_birth_without_the_mother_s_number_keeps_her_name():
    """She can be linked later by what else is known."""
    text = birth_notification(BABY, replace(MOTHER, nhs_number=None))

    _, mother = the_message(nems, text).subjects

    assert mother.identifiers == ()
    assert mother.demographics.date_of_birth == "1993-04-05"


def test_birth_without_a_mother_is_about_the_baby_alone():
    """A notification may carry only the baby."""
    message = the_message(nems, birth_notification(BABY, None))

    assert len(message.subjects) == 1
    assert payloads(message, Relationship) == []


def test_what_contradicts_itself_parks():
    """Each with the field and the reason."""
    header = AHeader(event="pds-birth-notification-1", routing_birth="1980-01-01")
    other = AHeader(event="pds-birth-notification-1", routing_number="9990000034")
    cases = {
        ("Patient.birthDate", "contradicts:MessageHeader.birthDateTime"): birth_notification(
            BABY, MOTHER, header
        ),
        (
            "Patient.identifier[nhs-number]",
            "contradicts:MessageHeader.routing.nhsNumber",
        ): birth_notification(BABY, MOTHER, other),
        ("Patient.identifier[nhs-number]", "check-digit"): birth_notification(
            replace(BABY, nhs_number="6101231234"), MOTHER
        ),
        ("Patient.identifier[nhs-number]", "shared-by-two"): birth_notification(
            BABY, replace(MOTHER, nhs_number="9990000018")
        ),
    }

    for refusal, text in cases.items():
        assert the_refusal(nems, text) == refusal
