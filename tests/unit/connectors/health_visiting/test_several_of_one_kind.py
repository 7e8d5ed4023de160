"""Two teams, two practitioners, two vaccinations: each is told, and goes by itself."""

from typing import Any

import pytest

from schemas.records.payloads import (
    ContactDetails,
    Involvement,
    Occurrence,
    PersonDetails,
    Relationship,
    RelationshipKind,
)
from schemas.vocabulary import Action
from tests.support.messages.nems_bundles import Resource, phone, to
from tests.support.messages.nems_found import (
    ME,
    a_message,
    a_team,
    an_episode,
    coding,
    snomed,
)
from tests.support.reading import nems, payloads, removed, the_message, the_refusal

VISITOR: Resource = {
    "resourceType": "Practitioner",
    "id": "ruth",
    "identifier": [{"value": "HV-1"}],
    "name": [{"family": "Moss", "given": ["Ruth"]}],
    "telecom": [phone("01632 960101")],
}
NURSE: Resource = {
    "resourceType": "Practitioner",
    "id": "sam",
    "identifier": [{"value": "NN-2"}],
    "name": [{"text": "Sam Reed"}],
}


def contacts(focus: Resource, *beside: Resource, **more: Any) -> list[tuple[str | None, ...]]:
    """Team, name, number and telephone of everybody whom the episode names."""
    text = a_message(*beside, focus=focus, event="professional-contacts-1", **more)
    return [
        (one.team, one.practitioner_name, one.practitioner_ref, one.telephone)
        for one in payloads(the_message(nems, text), Involvement)
    ]


# Who works with the child.


def test_every_practitioner_of_every_team_has_a_line_with_their_own_number():
    """One without a number of their own has the organisation's."""
    teams = a_team("t1", "Duty team"), a_team("t2", "East", "ruth", "sam")

    assert contacts(an_episode("t1", "t2"), *teams, VISITOR, NURSE) == [
        ("Duty team", None, None, "01632 960100"),
        ("East", "Ruth Moss", "HV-1", "01632 960101"),
        ("East", "Sam Reed", "NN-2", "01632 960100"),
    ]


def test_who_manages_the_care_is_named_beside_the_teams_once():
    """Whether in one of them or in none."""
    managed = {"careManager": to("ruth")}
    seated = a_team("t1", "East", "ruth")

    assert contacts(an_episode("t1", **managed), seated, VISITOR) == [
        ("East", "Ruth Moss", "HV-1", "01632 960101")
    ]
    assert contacts(an_episode("t1", **managed), a_team("t1", "East", "sam"), VISITOR, NURSE) == [
        ("East", "Sam Reed", "NN-2", "01632 960100"),
        (None, "Ruth Moss", "HV-1", "01632 960101"),
    ]


def test_practitioner_who_is_only_referred_to_by_name_is_named():
    """A reference to somebody who is not in the message may still say who they are."""
    by_name = {"member": {"reference": "Practitioner/9", "display": "Ruth Moss"}}

    assert contacts(an_episode("t1"), a_team("t1", "East", participant=[by_name])) == [
        ("East", "Ruth Moss", None, "01632 960100")
    ]


def test_relative_in_a_team_is_no_practitioner():
    """Nor is the child, nor another organisation."""
    mother = {"resourceType": "RelatedPerson", "id": "mum", "name": [{"text": "Rowan Marlow"}]}
    elsewhere = {"member": {"reference": "RelatedPerson/7", "display": "Jo Reed"}}
    members = [{"member": to("mum")}, {"member": ME}, elsewhere]

    assert contacts(an_episode("t1"), a_team("t1", "East", participant=members), mother) == [
        ("East", None, None, "01632 960100")
    ]


def test_practitioner_by_their_role_in_the_bundle_is_found():
    """R4 seats a PractitionerRole."""
    post = {
        "resourceType": "PractitionerRole",
        "id": "post",
        "practitioner": to("ruth"),
        "code": [{"text": "Nursery nurse"}],
    }

    assert contacts(an_episode("t1"), a_team("t1", "East", "post"), post, VISITOR) == [
        ("East", "Ruth Moss", "HV-1", "01632 960101")
    ]


def test_both_types_of_an_episode_are_told():
    """A bare code only where nothing has words."""
    kinds = {"type": [{"text": "Universal plus"}, snomed("1"), {"text": "Health visiting"}]}
    message = a_message(focus=an_episode(**kinds), event="professional-contacts-1")
    bare = a_message(focus=an_episode(type=[snomed("1")]), event="professional-contacts-1")

    (told,) = payloads(the_message(nems, message), Involvement)
    (unnamed,) = payloads(the_message(nems, bare), Involvement)

    assert told.service == "Universal plus, Health visiting"
    assert unnamed.service == "A service without a name here (SNOMED CT 1)"


@pytest.mark.parametrize("kind", ["update", "delete"])
def test_update_and_delete_take_back_whoever_is_not_stated_any_more(kind: str):
    """The others of an episode lie in a scope of their own; the first has the episode's key."""
    both = a_team("t1", "Duty team"), a_team("t2", "East", "ruth"), VISITOR
    event = "professional-contacts-1"
    new = the_message(nems, a_message(*both, focus=an_episode("t1", "t2"), event=event))
    later = the_message(nems, a_message(both[0], focus=an_episode("t1"), event=event, type=kind))

    first, second = (r for r in new.records if isinstance(r.payload, Involvement))
    (clears,) = (r for r in later.records if r.action is Action.CLEAR)

    assert first.scopes == ()
    assert clears.source_id in second.scopes
    assert clears.source_id != first.source_id
    assert not any(r.action is Action.CLEAR for r in new.records)


def test_another_episode_beside_the_focus_is_told_under_its_own_key():
    """And is left alone when the focus is deleted."""
    school = an_episode(type=[{"text": "School nursing"}]) | {
        "id": "other",
        "identifier": [{"system": "https://trust.example/id", "value": "ep-2"}],
    }
    event = "professional-contacts-1"

    new = the_message(nems, a_message(school, focus=an_episode(), event=event))
    gone = the_message(nems, a_message(school, focus=an_episode(), event=event, type="delete"))

    keys = [r.source_id for r in new.records if isinstance(r.payload, Involvement)]
    assert [key.rpartition("|")[2] for key in keys] == ["ep-1", "ep-2"]
    assert removed(gone) == {keys[0]}


def test_every_role_of_a_practitioner_is_told():
    """Of the code lists of which a role has one code each."""
    post = {
        "resourceType": "PractitionerRole",
        "id": "post",
        "practitioner": to("ruth"),
        "code": [{"text": "Health visitor"}, {"coding": [{"display": "Is a key worker"}]}],
    }
    text = a_message(
        post, VISITOR, focus=an_episode(careManager=to("ruth")), event="professional-contacts-1"
    )

    (told,) = payloads(the_message(nems, text), Involvement)

    assert told.role == "Health visitor, Is a key worker"


def test_relative_is_what_any_of_their_relationships_says():
    """R4 has several: an emergency contact may be the mother."""
    stated = [{"coding": [{"code": "C", "display": "Emergency contact"}]}, {"text": "Mother"}]
    mother = {"resourceType": "RelatedPerson", "id": "m", "patient": ME, "relationship": stated}

    text = a_message(mother, event="personal-contacts-1")

    (told,) = payloads(the_message(nems, text), Relationship)
    assert told.kind is RelationshipKind.MOTHER


# Vaccinations.


def immunisation(number: str, **more: Any) -> Resource:
    """A vaccination given, in the shape of STU3 unless `more` is of R4."""
    return {
        "resourceType": "Immunization",
        "id": f"i{number}",
        "identifier": [{"system": "https://northfield.example/imms", "value": number}],
        "status": "completed",
        "vaccineCode": {"text": f"Vaccine {number}"},
        "patient": ME,
        **more,
    }


def given_in(*immunisations: Resource) -> list[Occurrence]:
    """What a message about the first of these, with the others beside it, states."""
    first, *others = immunisations
    text = a_message(*others, focus={**first, "id": "focus"}, event="vaccinations-1")
    return payloads(the_message(nems, text), Occurrence)


STU3 = {"notGiven": False, "date": "2026-08-14"}


def test_several_vaccinations_of_a_message_are_each_told():
    """Those of the child, in either shape."""
    in_r4 = {"occurrenceDateTime": "2026-08-15", "protocolApplied": [{"doseNumberPositiveInt": 2}]}
    hers = immunisation("4", **STU3, patient=to("mother"))

    found = given_in(immunisation("1", **STU3), immunisation("2", **in_r4), hers)

    assert [(one.title, one.outcome, one.period.start) for one in found] == [
        ("Vaccine 1", "Given", "2026-08-14"),
        ("Vaccine 2", "Given", "2026-08-15"),
    ]
    assert ("Dose", "2") in found[1].details


def test_deletion_takes_back_only_what_its_header_names():
    """Another vaccination in the message is still true."""
    first, other = immunisation("1", **STU3) | {"id": "focus"}, immunisation("2", **STU3)

    gone = the_message(nems, a_message(other, focus=first, event="vaccinations-1", type="delete"))

    assert {key.rpartition("|")[2] for key in removed(gone)} == {"1"}


def test_vaccination_not_given_says_why_in_either_shape():
    """STU3 has a flag and an explanation, R4 a status and its reason."""
    declined = snomed("310376006", "Declined")
    stu3 = immunisation("1", notGiven=True, explanation={"reasonNotGiven": [declined]})
    r4 = immunisation("1", status="not-done", statusReason=declined)

    for one in (stu3, r4):
        (found,) = given_in(one)
        assert found.not_done
        assert found.outcome == "Not given: Declined"


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        ({"date": "2026-08-14"}, "Immunization.notGiven", "missing"),
        (
            {**STU3, "occurrenceDateTime": "2026-08-15"},
            "Immunization.occurrenceDateTime",
            "contradicts:Immunization.date",
        ),
        ({**STU3, "vaccineCode": {}}, "Immunization.vaccineCode", "missing"),
    ],
)
def test_vaccination_that_may_be_either_parks(said: dict[str, Any], field: str, reason: str):
    """Given and not given must not be mistaken for one another, nor one day for another."""
    text = a_message(focus={**immunisation("1"), "id": "focus", **said}, event="vaccinations-1")

    assert the_refusal(nems, text) == (field, reason)


def test_vaccine_without_words_is_no_name():
    """The code says where it can be looked up; a code that says there is none is none."""
    bare = {"coding": [coding("http://read.info/readv2", "65MB.")]}
    none = {"coding": [coding("http://hl7.org/fhir/v3/NullFlavor", "NA", "Not Applicable")]}

    titles = [given_in(immunisation("1", **STU3, vaccineCode=one))[0].title for one in (bare, none)]

    assert titles == [
        "A vaccination without a name here (Read 65MB.)",
        "A vaccination without a name here",
    ]


def test_who_gave_a_vaccine_is_told_and_not_who_ordered_it():
    """By their role; an organisation is nobody."""
    roles = [
        {"role": {"coding": [{"code": code}]}, "actor": {"reference": f"Practitioner/{name}"}}
        | {"actor": {"display": name}}
        for code, name in (("OP", "Who Ordered"), ("AP", "Who Gave"))
    ]
    of_nobody = [{"actor": {"type": "Organization", "display": "Acme"}}]
    in_r4 = {"occurrenceDateTime": "2026-08-15", "performer": of_nobody}

    assert (
        given_in(immunisation("1", **STU3, practitioner=roles))[0].practitioner_name == "Who Gave"
    )
    assert given_in(immunisation("1", **in_r4))[0].practitioner_name is None


# Names in one piece.


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ({"text": "Ada Fern"}, (None, (), "Ada Fern", False)),
        ({"text": "Ada Fern", "family": "Fern"}, ("Fern", (), "Ada", False)),
        ({"text": "A. Fern", "family": "Fern", "given": ["Ada"]}, ("Fern", ("Ada",), None, False)),
        ({"text": "Baby Fern"}, (None, (), "Baby Fern", True)),
        ({"text": "Twin One"}, (None, (), "Twin One", True)),
    ],
)
def test_name_in_one_piece_is_a_name(name: dict[str, Any], shown: tuple[Any, ...]):
    """And is parted only where its source says how."""
    episode_of_child = a_message(focus=an_episode(), event="professional-contacts-1", name=[name])

    message = the_message(nems, episode_of_child)

    (details,) = payloads(message, PersonDetails)
    (subject,) = message.subjects
    said = (details.family_name, details.given_names, details.known_as, details.placeholder_name)
    assert said == shown
    assert subject.demographics.family_name == shown[0]
    assert subject.demographics.given_names == shown[1]


def test_address_in_one_piece_is_an_address():
    """And a postcode is written in one way, however it was sent."""
    homes = [
        {"text": "1 Test Lane\nNorthfield NF1 1AA"},
        {"line": ["2 New Street"], "postalCode": "nf22bb"},
    ]

    text = a_message(focus=an_episode(), event="professional-contacts-1", address=homes)

    (contact,) = payloads(the_message(nems, text), ContactDetails)
    assert [(home.lines, home.postcode) for home in contact.addresses] == [
        (("1 Test Lane", "Northfield NF1 1AA"), None),
        (("2 New Street",), "NF2 2BB"),
    ]
