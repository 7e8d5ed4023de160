"""A child's payload becomes a message of records."""

import pytest

from schemas.records.payloads import (
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    PersonDetails,
    Plan,
)
from schemas.vocabulary import Category, IdentifierScheme, Label
from tests.support.csc import Json, a_child, a_child_details, an_episode, csc
from tests.support.csc_episodes import ITEMS, PLACEMENT, full_episode, with_episode
from tests.support.reading import csc as read
from tests.support.reading import payloads, record_of, the_message, the_refusal, upserted


def test_child_is_known_by_the_authority_s_id_upn_and_demographics():
    """The authority's id counts within it."""
    (subject,) = the_message(read, csc(a_child())).subjects

    assert [(i.scheme, i.value, i.is_verified) for i in subject.identifiers] == [
        (IdentifierScheme.LA_CHILD_ID, "999/NC-1001", True),
        (IdentifierScheme.UPN, "T999200119011", True),
    ]
    assert subject.demographics.family_name == "Marlow"
    assert subject.demographics.postcode == "NF1 1AA"


def test_bad_upn_is_unverified():
    """It does not keep the child out."""
    details = a_child_details(unique_pupil_number="A123456789123")

    (subject,) = the_message(read, csc(a_child(child_details=details))).subjects

    assert [i.is_verified for i in subject.identifiers] == [True, False]


def test_unborn_child_has_an_expected_date_of_birth():
    """And no other."""
    details = a_child_details(date_of_birth=None, expected_date_of_birth="2027-01-15")

    message = the_message(read, csc(a_child(child_details=details)))

    assert payloads(message, PersonDetails)[0].expected_date_of_birth == "2027-01-15"
    assert message.subjects[0].demographics.date_of_birth is None


def test_worker_is_an_involvement():
    """By the authority's reference; one record a worker."""
    workers = [
        {"worker_id": "SW-1", "start_date": "2026-05-01", "end_date": "2026-06-01"},
        {"worker_id": "SW-2", "start_date": "2026-06-01"},
    ]

    message = the_message(read, with_episode(care_worker_details=workers))

    first, second = payloads(message, Involvement)
    assert (first.service, first.practitioner_ref) == ("Children's social care", "SW-1")
    assert (first.period.end, second.period.end) == ("2026-06-01", None)
    assert second.agency_code == "999"


def test_episode_without_a_worker_still_tells_that_social_care_is_involved():
    """Unless nothing came of the referral."""
    open_one = the_message(read, with_episode(care_worker_details=[]))
    stopped = the_message(
        read, with_episode(care_worker_details=[], referral_no_further_action_flag=True)
    )

    assert [i.practitioner_ref for i in payloads(open_one, Involvement)] == [None]
    assert payloads(stopped, Involvement) == []
    assert payloads(stopped, Occurrence)[0].outcome == "No further action"


@pytest.mark.parametrize(
    ("source", "shown"),
    [("2A", "School"), ("3B", "Health visitor"), ("6", "Police"), ("1A", None), ("9", None)],
)
def test_referral_names_services_and_never_people(source: str, shown: str | None):
    """Who in the family or neighbourhood rang is not told."""
    message = the_message(read, with_episode(referral_source=source))

    (referral,) = payloads(message, Occurrence)

    assert referral.kind is OccurrenceKind.REFERRAL
    assert dict(referral.details).get("Referred by") == shown


def test_plans_enquiries_and_assessments_have_their_categories():
    """Safeguarding apart from social care."""
    message = the_message(read, full_episode())

    by_title = {r.payload.title: r for r in message.records if hasattr(r.payload, "title")}

    assert by_title["Child in need plan"].category is Category.SOCIAL_CARE
    assert by_title["Child and family assessment"].category is Category.SOCIAL_CARE
    assert by_title["Child protection plan"].category is Category.SAFEGUARDING
    assert by_title["Section 47 enquiry"].category is Category.SAFEGUARDING
    assert by_title["Section 47 enquiry"].payload.details == (
        ("Initial child protection conference", "2026-05-20"),
    )
    assert {p.kind for p in payloads(message, Plan)} == {
        "child-in-need",
        "child-protection",
        "looked-after",
    }


def test_factors_of_an_assessment_stay_at_source():
    """Nobody needs them who may not ask."""
    message = the_message(read, full_episode())

    assert not any("3B" in str(occurrence.details) for occurrence in payloads(message, Occurrence))


def test_placement_address_is_protected():
    """It must never reach a birth family's view."""
    message = the_message(read, full_episode())

    (placement,) = [r for r in message.records if r.source_id.endswith("/address")]

    assert placement.labels == {Label.LOCATION, Label.PROTECTED_LOCATION}
    assert placement.payload.addresses[0].postcode == "NF9 9PL"


def test_home_address_of_a_child_who_is_placed_is_protected_too():
    """It may be the placement's."""
    home = record_of(the_message(read, csc(a_child())), ContactDetails)
    placed = the_message(read, with_episode(child_looked_after_placements=[PLACEMENT]))

    (contact,) = [r for r in placed.records if r.source_id.endswith("NC-1001/contact")]

    assert home.labels == {Label.LOCATION}
    assert Label.PROTECTED_LOCATION in contact.labels


def test_partial_payload_says_nothing_about_what_it_leaves_out():
    """Only the blocks that changed are sent."""
    message = the_message(read, csc({"la_child_id": "NC-1001"}))

    assert message.records == ()


def test_details_without_a_name_do_not_blank_one():
    """A block with only a postcode is about the postcode."""
    details = {"postcode": "NF2 2BB"}

    message = the_message(read, csc({"la_child_id": "NC-1001", "child_details": details}))

    assert [type(r.payload) for r in message.records] == [ContactDetails]


@pytest.mark.parametrize(
    ("child", "field", "reason"),
    [
        (a_child(la_child_id=None), "la_child_id", "missing"),
        (a_child(la_child_id="x" * 65), "la_child_id", "too-long"),
        (a_child(la_child_id=True), "la_child_id", "not-text"),
        (a_child(purge="true"), "purge", "not-a-boolean"),
        (a_child(child_details=[]), "child_details", "not-an-object"),
        (a_child(social_care_episodes={}), "social_care_episodes", "not-a-list"),
        (a_child(social_care_episodes=[1]), "social_care_episodes", "not-an-object"),
        (
            a_child(child_details=a_child_details(date_of_birth="05/03/2019")),
            "child_details.date_of_birth",
            "not-a-date",
        ),
        (
            a_child(child_details=a_child_details(surname=["Marlow"])),
            "child_details.surname",
            "not-text",
        ),
        (
            a_child(social_care_episodes=[an_episode(social_care_episode_id=None)]),
            "social_care_episodes.social_care_episode_id",
            "missing",
        ),
        (
            a_child(
                social_care_episodes=[
                    an_episode(closure_date="2026-04-01", care_worker_details=[])
                ]
            ),
            "social_care_episodes.closure_date",
            "contradicts:social_care_episodes.referral_date",
        ),
    ],
)  # fmt: skip
def test_ill_payload_parks(child: Json, field: str, reason: str):
    """With the field and the reason, never the value."""
    assert the_refusal(read, csc(child)) == (field, reason)


def test_assessment_authorised_before_it_began_parks():
    """The official sample has one, by eight years."""
    assessment = ITEMS["child_and_family_assessments"] | {"authorisation_date": "2020-09-19"}

    field, reason = the_refusal(read, with_episode(child_and_family_assessments=[assessment]))

    assert field.endswith("authorisation_date")
    assert reason.startswith("contradicts:")


def test_ids_with_slashes_cannot_reach_into_other_records():
    """They are one part of a source id."""
    message = the_message(read, csc(a_child(la_child_id="1/episode/2")))

    assert upserted(message) == {"999/1%2Fepisode%2F2/details", "999/1%2Fepisode%2F2/contact"}


def test_worker_who_comes_back_is_involved_twice():
    """Each time is a record of its own."""
    times = [
        {"worker_id": "SW-1", "start_date": "2026-05-01", "end_date": "2026-06-01"},
        {"worker_id": "SW-1", "start_date": "2026-09-01"},
    ]

    message = the_message(read, with_episode(care_worker_details=times))

    assert [i.period.start for i in payloads(message, Involvement)] == ["2026-05-01", "2026-09-01"]
    assert len(upserted(message)) == len(message.records)


def test_two_plans_under_one_id_park():
    """Which of them holds cannot be told."""
    plan = ITEMS["child_in_need_plans"]

    refusal = the_refusal(read, with_episode(child_in_need_plans=[plan, plan]))

    assert refusal == ("social_care_episodes", "duplicate-id")
