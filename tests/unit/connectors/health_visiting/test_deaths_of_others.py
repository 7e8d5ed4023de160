"""What a message says of whoever else it has a Patient of: only that they have died."""

from dataclasses import replace

from schemas.records.payloads import PersonDetails
from tests.support.messages.nems import AHeader, APerson, message
from tests.support.messages.nems_pds import birth_notification, communication
from tests.support.messages.nems_resources import organisation, patient
from tests.support.reading import nems, payloads, the_message, upserted

CHILD = APerson()
MOTHER = APerson(key="mother", nhs_number="9990000026", born="1993-04-05", deceased="true")
BABY = APerson(key="baby", born="2026-09-01")
DEATH = "patient/pds/9990000026/death"


def a_message_with(*others: APerson) -> bytes:
    """A message about the child that has Patients of others too."""
    header = AHeader(event="pds-change-of-gp-1")
    return message(
        header,
        CHILD,
        "communication",
        communication(CHILD.key),
        patient(CHILD),
        *(patient(other) for other in others),
        organisation(code="X26", name="NHS England"),
    )


def test_a_mother_who_has_died_is_told_from_the_notification_of_a_birth():
    """Of her own Patient, as her baby's is of the baby's."""
    told = the_message(nems, birth_notification(BABY, replace(MOTHER, key="mother")))

    assert DEATH in upserted(told)
    assert [d.says_died for d in payloads(told, PersonDetails)].count(True) == 1


def test_a_stillbirth_is_told_as_a_death_until_it_is_put_right():
    """On the day of the birth; a live birth says nothing of one."""
    baby = f"patient/pds/{BABY.nhs_number}/birth/stillborn"
    still = the_message(nems, birth_notification(BABY, MOTHER, indicator=("3", "Stillborn")))
    live = the_message(nems, birth_notification(BABY, MOTHER))
    right = AHeader(event="pds-birth-notification-1", event_type="update")
    put_right = the_message(nems, birth_notification(BABY, MOTHER, right))

    (death,) = [r.payload for r in still.records if r.source_id == baby]
    assert death == PersonDetails(died="2026-09-01")
    assert baby not in {r.source_id for r in live.records}
    assert [r.payload for r in put_right.records if r.source_id == baby] == [None]


def test_somebody_else_in_a_message_is_told_to_have_died_and_nothing_else_of_them():
    """By one sound number; who is alive, has none, or is only repeated is left out."""
    others = (
        MOTHER,
        APerson(key="alive", nhs_number="9990000034"),
        APerson(key="unnumbered", nhs_number=None, deceased="true"),
        APerson(key="misnumbered", nhs_number="6101231234", deceased="true"),
    )

    told = the_message(nems, a_message_with(*others))

    assert [s.identifiers[0].value for s in told.subjects] == ["9990000018", "9990000026"]
    (record,) = [r for r in told.records if r.subjects == (told.subjects[1].ref,)]
    assert (record.source_id, record.payload) == (DEATH, PersonDetails(has_died=True))
    assert len(the_message(nems, a_message_with()).subjects) == 1
