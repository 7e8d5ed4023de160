"""Whose a fact is, and whose a telephone number: what is another's is not the child's."""

from typing import Any

from schemas.records.payloads import CommunicationNeeds
from schemas.vocabulary import Label
from tests.support.each_case import each_case
from tests.support.messages.as_shown import Shown, shown
from tests.support.messages.nems_bundles import (
    CHILD,
    OTHER_CHILD,
    Resource,
    bundle,
    encounter,
    episode,
    immunization,
    number,
    observation,
    organisation,
    patient,
    phone,
    practitioner,
    questionnaire,
    to,
)
from tests.support.reading import nems, the_message, the_refusal

MOTHER = {
    "resourceType": "RelatedPerson",
    "id": "rel",
    "patient": to("pat"),
    "relationship": {"coding": [{"code": "NMTH", "display": "Mother"}]},
    "name": [{"family": "Fern", "given": ["Leanne"]}],
}


def other(key: str = "sister", **more: Any) -> Resource:
    """Another patient of the same message."""
    return patient(key, identifier=[number(OTHER_CHILD)], birthDate="2020-01-01", **more)


def needs_page(*told: Resource) -> Shown:
    """What is shown of a message on individual requirements."""
    return shown(bundle("individual-requirements-1", encounter(), *told, patient(), organisation()))


def test_needs_are_of_those_of_whom_they_are_said():
    """The indicator, the subject or who answered says so; the child's row has only the child's."""
    own = "Communication: Uses a wheelchair"
    parents = questionnaire(indicator="Parent/Guardians Individual needs")
    nested = parents | {"item": [{"linkId": "group", "item": parents["item"]}]}
    indicated = {
        "linkId": "individualNeedsPersonIndicator",
        "answer": [{"valueCoding": {"code": "2"}}],
    }
    coded = parents | {"item": [indicated, *parents["item"][1:]]}
    told = (
        (questionnaire(), own),
        (questionnaire(indicator="Individual has needs"), own),
        (
            questionnaire(indicator="Parent/Guardians Individual needs"),
            "Communication: Parent or guardian: Uses a wheelchair",
        ),
        (
            questionnaire(indicator="Child and parent have needs"),
            "Communication: Child, or parent or guardian: Uses a wheelchair",
        ),
        (questionnaire(indicator="9"), "Communication: Not known whose: Uses a wheelchair"),
        (
            questionnaire(subject=to("rel")),
            "Communication: Mother, Leanne Fern: Uses a wheelchair",
        ),
        (
            questionnaire(subject=None, source=to("rel")),
            "Communication: Mother, Leanne Fern: Uses a wheelchair",
        ),
        (questionnaire(source=to("rel")), own),
        (nested, "Communication: Parent or guardian: Uses a wheelchair"),
        (coded, "Communication: Parent or guardian: Uses a wheelchair"),
        (questionnaire(subject=to("sister")), "Communication: No communication needs"),
        (questionnaire(subject=to("nowhere")), "Communication: No communication needs"),
    )
    with each_case() as case:
        for said, words in told:
            with case(said.get("subject"), said.get("source"), words):
                page = needs_page(said, MOTHER, other())
                assert words in page.child
                assert (own in page.child) is (words == own)
                assert page.profile.communication == () or words == own or "No comm" in words


def test_needs_of_both_stand_in_records_of_their_own():
    """The other's is about a third party, whatever the child's is."""
    mothers = questionnaire("qr2", indicator="Parent/Guardians Individual needs")
    message = the_message(
        nems,
        bundle(
            "individual-requirements-1",
            encounter(),
            mothers,
            questionnaire(),
            patient(),
            organisation(),
        ),
    )

    found = {
        record.payload.whose: record.labels
        for record in message.records
        if isinstance(record.payload, CommunicationNeeds)
    }
    assert found == {None: frozenset(), "Parent or guardian": {Label.THIRD_PARTY}}


def test_needs_of_another_patient_are_that_persons_own():
    """Of one whose number is verified; nobody is told them of anybody else."""
    hers = questionnaire(subject=to("sister"))
    nobody = patient("nobody", identifier=[number("9990000034", use="old")])
    told = (encounter(), hers, questionnaire("qr2", subject=to("nobody")), patient(), other())
    text = bundle("individual-requirements-1", *told, nobody, organisation())
    message = the_message(nems, text)

    needs = {
        record.subjects: record.payload.needs
        for record in message.records
        if isinstance(record.payload, CommunicationNeeds)
    }
    assert needs == {("patient",): (), ("other-1",): ("Uses a wheelchair",)}
    assert [one.identifiers[0].value for one in message.subjects] == [CHILD, OTHER_CHILD]


def test_what_is_found_of_another_is_not_the_childs():
    """Of another patient, of a relative, of nobody here, or at another encounter."""
    elsewhere = encounter(type=[]) | {"id": "other-encounter"}
    told: tuple[tuple[Resource, bool], ...] = (
        ({}, True),
        ({"subject": None}, True),
        ({"subject": to("sister")}, False),
        ({"subject": to("rel")}, False),
        ({"subject": to("nowhere")}, False),
        ({"subject": {"identifier": {"value": "999 000 0018"}}}, True),
        ({"subject": {"identifier": {"value": OTHER_CHILD}}}, False),
        ({"subject": {"display": "FERN, Ada"}}, True),
        ({"subject": {"display": "Leanne Fern (mother)"}}, False),
        ({"context": to("focus")}, True),
        ({"encounter": to("other-encounter")}, False),
        ({"focus": [to("rel")]}, False),
        ({"focus": [to("pat")]}, True),
    )
    with each_case() as case:
        for said, is_childs in told:
            with case(said):
                page = shown(
                    bundle(
                        "encounter-1",
                        encounter(type=[]),
                        observation(**said),
                        elsewhere,
                        MOTHER,
                        patient(),
                        other(),
                        organisation(),
                    )
                )
                assert ("47 cm" in page.text) is is_childs


def test_a_message_about_another_than_its_only_patient_is_refused():
    """Who its focus says that it is about decides, however it says so."""
    other_person: Resource = {"subject": {"identifier": {"value": OTHER_CHILD}}}
    text = bundle("encounter-1", encounter(**other_person), patient(), organisation())

    assert the_refusal(nems, text) == ("focus.subject", "contradicts:Patient")


def test_a_message_about_somebody_who_is_no_patient_is_refused():
    """Whose name, sent with a child's number, would stand as the child's."""
    contact, needs = encounter(subject=to("rel")), questionnaire(subject=to("rel"))
    given, cared_for = immunization(patient=to("rel")), episode(patient=to("rel"))
    told = (
        ("encounter-1", contact, "subject"),
        ("feeding-status-1", contact, "subject"),
        ("individual-requirements-1", needs, "subject"),
        ("personal-contacts-1", encounter(subject=to("org")), "subject"),
        ("vaccinations-1", given, "patient"),
        ("professional-contacts-1", cared_for, "patient"),
    )
    with each_case() as case:
        for event, about, name in told:
            with case(event):
                text = bundle(event, about, MOTHER, patient(), organisation())
                assert the_refusal(nems, text) == (f"focus.{name}", "unexpected-type")


def test_a_relative_of_another_child_is_not_this_childs():
    """Where the message tells of nobody of this child's, the reason names the element."""
    theirs = MOTHER | {"id": "rel2", "patient": to("sister"), "name": [{"family": "Reed"}]}
    contact = encounter(type=[])
    page = shown(
        bundle("personal-contacts-1", contact, MOTHER, theirs, patient(), other(), organisation())
    )

    assert "Leanne Fern" in page.text
    assert "Reed" not in page.text


# Whose number it is.

_SERVICE = {"resourceType": "HealthcareService", "id": "hs", "telecom": [phone("0191 498 0999")]}
_ROLE = {
    "resourceType": "PractitionerRole",
    "id": "role",
    "practitioner": to("pr"),
    "telecom": [phone("0191 498 0999")],
}
_SURGERY = organisation("gp", "B00001", name="Other Surgery", telecom=[phone("0191 498 0999")])


def test_only_a_number_of_those_who_work_with_the_child_is_given():
    """Of the worker, their role there, their team, their organisation, or a service of that one."""
    told: tuple[tuple[Resource, bool], ...] = (
        (_SERVICE | {"providedBy": to("org")}, True),
        (_SERVICE | {"providedBy": to("gp")}, False),
        (_SERVICE | {"providedBy": to("nowhere")}, False),
        (_SERVICE, False),
        (_ROLE | {"organization": to("org")}, True),
        (_ROLE, True),
        (_ROLE | {"organization": to("gp")}, False),
        (_ROLE | {"practitioner": to("somebody")}, False),
    )
    with each_case() as case:
        for said, is_given in told:
            with case(said):
                page = _contact(said, organisation())
                assert ("0191 498 0999" in page.text) is is_given
        with case("an organisation outside the bundle and its service"):
            outside = {"reference": "https://directory.spineservices.nhs.uk/STU3/Organization/X26"}
            said = _SERVICE | {"providedBy": outside}
            page = _contact(said, organisation(), managingOrganization=outside)
            assert "0191 498 0999" in page.text
        with case("an organisation that is closed"):
            closed = organisation(active=False, telecom=[phone("0191 498 0888")])
            assert "0191 498 0888" not in _contact(_ROLE, closed).text


def test_a_relative_in_the_team_is_no_practitioner():
    """Nor is an organisation; a role is the practitioner who has it."""
    mother = MOTHER | {"telecom": [phone("07700 900111")]}
    members = [{"member": to(key)} for key in ("rel", "gp", "role")]
    team = {"resourceType": "CareTeam", "id": "team", "name": "East", "participant": members}
    told = (team, mother, _ROLE, practitioner(), _SURGERY, patient(), organisation())
    page = shown(
        bundle("professional-contacts-1", episode(team=[to("team")], careManager=to("role")), *told)
    )

    (line,) = page.support.practitioners
    assert line.who == "Ruth Moss"
    assert line.telephone == "0191 498 0999"


def _contact(said: Resource, managing: Resource, **of_episode: Any) -> Shown:
    return shown(
        bundle(
            "professional-contacts-1",
            episode(**of_episode),
            said,
            practitioner(),
            _SURGERY,
            patient(),
            managing,
        )
    )


def test_the_authority_is_the_one_that_the_status_names():
    """That a surgery is in the message besides does not give it the plan, nor its number."""
    status = observation(
        code={"coding": [{"code": "1064311000000109"}]}, effectivePeriod={"start": "2025-06-01"}
    )
    page = _legal(status)
    named = _legal(status | {"performer": [to("gp")]})
    denied = _legal(status | {"valueBoolean": False})
    planned = _legal(status | {"effectivePeriod": {"start": "2027-01-01"}})

    assert "Organisation: Organisation not given" in page.text
    assert "0191 498 0999" not in page.text
    assert "Organisation: Other Surgery" in named.text
    assert "Child protection plan" not in denied.text
    assert "Child protection plan, [Planned, not in force yet]" in planned.text


def _legal(status: Resource) -> Shown:
    told = (encounter(type=[]), status, _SURGERY, patient(), organisation())
    return shown(bundle("legal-information-1", *told))
