"""Whom a school may ring about a pupil, and the pupil's second home."""

from dataclasses import replace

import pytest

from schemas.records.payloads import (
    FactStatus,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Category, Label
from tests.support.messages.ctf import AContact, APupil, ctf
from tests.support.reading import ctf as read
from tests.support.reading import payloads, the_message

UPN = "T999200119011"
FATHER = AContact(
    relationship="PAF",
    forename="Ben",
    order="2",
    address_as_pupil="0",
    lines=("7 Other Street",),
    postcode="NF2 2BB",
    telephone="07700 900100",
)


def test_contact_says_who_they_are_and_whether_they_have_responsibility():
    """As the school states it, in the school's order."""
    message = the_message(read, ctf(APupil(contacts=(AContact(), FATHER))))

    mother, father = payloads(message, Relationship)

    assert (mother.kind, mother.name) == (RelationshipKind.MOTHER, "Ines Marlow")
    assert (mother.has_responsibility, mother.same_household) == (True, True)
    assert (father.contact_order, father.same_household) == (2, False)
    assert father.telecoms[0].value == "07700 900100"


def test_a_contact_of_whom_a_school_writes_that_they_died_is_over_and_has_no_home():
    """In words in the place of the code; words of which nothing is made are counted."""
    told = {
        words: the_message(read, ctf(APupil(contacts=(replace(FATHER, relationship=words),))))
        for words in ("Father (deceased)", "Dad - no contact", "OTH")
    }
    said = {words: payloads(message, Relationship)[0] for words, message in told.items()}
    more = {words: sum(one.count for one in m.unused.more) for words, m in told.items()}

    dead = said["Father (deceased)"]
    assert (dead.kind, dead.status) == (RelationshipKind.FATHER, FactStatus.ENDED)
    assert dead.has_died
    assert not dead.addresses
    assert not said["Dad - no contact"].has_died
    assert more == {"Father (deceased)": 0, "Dad - no contact": 1, "OTH": 0}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("PAM", RelationshipKind.MOTHER),
        ("PAF", RelationshipKind.FATHER),
        ("STP", RelationshipKind.STEP_PARENT),
        ("FOS", RelationshipKind.FOSTER_CARER),
        ("GRP", RelationshipKind.GRANDPARENT),
        ("CAR", RelationshipKind.CARER),
        ("REL", RelationshipKind.OTHER_RELATIVE),
        ("OTH", RelationshipKind.OTHER),
        ("???", RelationshipKind.OTHER),
    ],
)
def test_relationship_codes(code: str, kind: RelationshipKind):
    """An unknown one is other, not a refusal."""
    message = the_message(read, ctf(APupil(contacts=(AContact(relationship=code),))))

    assert payloads(message, Relationship)[0].kind is kind


def test_silence_about_responsibility_is_not_no():
    """Absent is unknown."""
    contact = AContact(responsibility=None, address_as_pupil=None)

    relationship = payloads(the_message(read, ctf(APupil(contacts=(contact,)))), Relationship)[0]

    assert relationship.has_responsibility is None
    assert relationship.same_household is None


def test_parent_with_another_home_gives_the_child_a_second_household():
    """It is labelled as somebody else's and as a place."""
    message = the_message(read, ctf(APupil(contacts=(AContact(), FATHER))))

    (home,) = [r for r in message.records if r.source_id.endswith("/contact/2/home")]

    assert home.payload.addresses[0].postcode == "NF2 2BB"
    assert home.payload.addresses[0].use == "father's home"
    assert home.category is Category.FAMILY_AND_HOUSEHOLD
    assert home.labels == {Label.LOCATION, Label.THIRD_PARTY}


def test_home_of_a_contact_without_responsibility_stays_at_school():
    """A childminder's address is nobody else's business."""
    childminder = replace(FATHER, relationship="CAR", responsibility="0")

    message = the_message(read, ctf(APupil(contacts=(childminder,))))

    assert not any(r.source_id.endswith("/home") for r in message.records)


def test_the_second_home_is_also_said_to_be_that_contacts_own():
    """So that it is known who lives there; the pupil's own home is not repeated."""
    mother, father = payloads(
        the_message(read, ctf(APupil(contacts=(AContact(), FATHER)))), Relationship
    )

    assert [(a.postcode, a.use) for a in father.addresses] == [("NF2 2BB", "home")]
    assert mother.addresses == ()


def test_a_foster_carer_gives_no_second_home_whatever_the_file_says():
    """No foster carer has responsibility (DOMAIN section 3.4)."""
    carer = replace(FATHER, relationship="FOS", responsibility="1")

    message = the_message(read, ctf(APupil(contacts=(carer,))))

    assert payloads(message, Relationship)[0].addresses == ()
    assert not any(r.source_id.endswith("/home") for r in message.records)


def test_contacts_are_third_parties_and_located_when_they_can_be_reached():
    """A bare name tells no place."""
    message = the_message(read, ctf(APupil(contacts=(AContact(), FATHER))))

    labels = [r.labels for r in message.records if isinstance(r.payload, Relationship)]

    assert labels == [{Label.THIRD_PARTY}, {Label.THIRD_PARTY, Label.LOCATION}]
