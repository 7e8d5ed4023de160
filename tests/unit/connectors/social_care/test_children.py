"""What the tables do not say: by what a child is known, what is labelled, where records lie."""

import pytest

from connectors.ports import Unreadable
from connectors.social_care import codes
from connectors.social_care.codes import (
    NOT_IN_THE_LIST,
    Disability,
    ReferralSource,
    professional_source,
    words_for,
)
from schemas.records.payloads import ContactDetails, Involvement
from schemas.vocabulary import Action, IdentifierScheme, Label, LabelledCode
from tests.support.messages.csc import a_child, a_child_details, csc
from tests.support.messages.csc_episodes import PLACEMENT, full_episode, with_episode
from tests.support.reading import SAMPLES, outcomes, payloads, the_message, the_refusal
from tests.support.reading import csc as read
from tests.support.told import told

SHAPE = SAMPLES / "social-care" / "csc-api-payload-shape.txt"
LISTS = [
    found
    for found in vars(codes).values()
    if isinstance(found, type) and issubclass(found, LabelledCode) and found is not LabelledCode
]


def test_child_is_known_by_the_authority_s_id_upn_and_demographics():
    """The authority's id counts within it."""
    (subject,) = the_message(read, csc(a_child())).subjects

    assert [(i.scheme, i.value, i.is_verified) for i in subject.identifiers] == [
        (IdentifierScheme.LA_CHILD_ID, "999/NC-1001", True),
        (IdentifierScheme.UPN, "T999200119011", True),
    ]
    assert subject.demographics.family_name == "Marlow"
    assert subject.demographics.postcode == "NF1 1AA"


@pytest.mark.parametrize(
    "details",
    [
        {"unique_pupil_number": "A123456789123"},
        {"unique_pupil_number_unknown_reason": "UN3"},
        {"unique_pupil_number_unknown_reason": "UN99"},
    ],
    ids=["wrong check letter", "a reason why there is none", "a reason that is in no list"],
)
def test_a_upn_that_cannot_be_relied_on_is_unverified(details: dict[str, str]):
    """It does not keep the child out, and links to nobody."""
    child = a_child(child_details=a_child_details(**details))

    (subject,) = the_message(read, csc(child)).subjects

    assert [i.is_verified for i in subject.identifiers] == [True, False]


def test_a_former_upn_is_no_evidence():
    """Whoever was adopted has a new one, and the old one must not lead to it."""
    child = a_child(child_details=a_child_details(former_unique_pupil_number="A999200119009"))

    message = the_message(read, csc(child))

    assert "A999200119009" not in [i.value for i in message.subjects[0].identifiers]


def test_addresses_are_protected_at_the_source():
    """A placement's always; the child's own too, because it may be the placement's."""
    at_home, placed = the_message(read, csc(a_child())), the_message(read, full_episode())

    found = [r for m in (at_home, placed) for r in m.records if type(r.payload) is ContactDetails]

    assert {r.labels for r in found} == {frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})}
    assert found[-1].payload.addresses[0].postcode == PLACEMENT["postcode"]


def test_everything_lies_in_the_scope_of_its_child_and_its_episode():
    """So that either can be taken back as a whole."""
    message = the_message(read, full_episode())

    assert {r.scopes[0] for r in message.records} == {"999/NC-1001"}
    inside = [r for r in message.records if r.source_id.startswith("999/NC-1001/episode/EP-1")]
    assert len(inside) > 8
    assert {r.scopes[1] for r in inside} == {"999/NC-1001/episode/EP-1"}


def test_two_authorities_with_the_same_id_do_not_meet():
    """A purge by one leaves what the other said."""
    ours, theirs = (
        the_message(read, csc(a_child(purge=True), la_code=la_code)) for la_code in (999, 998)
    )

    assert ours.records[0].source_id != theirs.records[0].source_id
    assert not ours.removes_subject


def test_worker_names_the_authority_for_its_case_load():
    """By the authority's code; its telephone is known of the agency."""
    message = the_message(read, with_episode())

    (involvement,) = payloads(message, Involvement)

    assert (involvement.agency_code, involvement.practitioner_ref) == ("999", "SW-0104")


def test_a_partial_payload_clears_nothing():
    """But the list of workers, which is complete for its episode when it is there."""
    partial = with_episode(care_worker_details=None)
    listed = with_episode()

    assert _cleared(partial) == []
    assert _cleared(listed) == ["999/NC-1001/episode/EP-1/workers"]


def test_partial_payload_says_nothing_about_what_it_leaves_out():
    """Only the blocks that changed are sent."""
    message = the_message(read, csc({"la_child_id": "NC-1001"}))

    assert message.records == ()


def test_unreadable_children_lie_in_their_scope():
    """So that what is parked of them goes when the authority takes the child back."""
    bad = a_child(child_details={"date_of_birth": "soon"})
    worse = a_child(child_details=[])

    (one,), (whole,) = outcomes(read, csc(bad)), outcomes(read, csc(worse))

    assert isinstance(one, Unreadable)
    assert isinstance(whole, Unreadable)
    assert one.scopes == ("999/NC-1001", "999/NC-1001/details", "999/NC-1001/details/itself")
    assert whole.scopes == ("999/NC-1001",)
    assert one.version is not None


@pytest.mark.parametrize("found", LISTS)
def test_every_code_has_words(found: type[LabelledCode]):
    """Which are not the code."""
    assert all(code.label and code.label != code.value for code in found)


@pytest.mark.parametrize(
    ("code", "shown"),
    [("2A", "School"), ("3b", "Health visitor"), ("6", "Police"), ("1A", None), ("9", None)],
)
def test_referral_names_services_and_never_people(code: str, shown: str | None):
    """Who in the family or neighbourhood rang is not told."""
    assert professional_source(code) == shown


def test_a_code_in_no_list_says_so():
    """It fails nothing."""
    assert words_for("ZZ", Disability) == NOT_IN_THE_LIST
    assert words_for("", ReferralSource) == NOT_IN_THE_LIST
    assert professional_source("2Z") == NOT_IN_THE_LIST


@pytest.mark.skipif(not SHAPE.is_file(), reason="the shared samples are not here")
def test_published_shape_is_understood_but_for_its_filling():
    """It names `purge` twice for a child, and its dates are the letters YYYY-MM-DD."""
    shape = SHAPE.read_bytes().replace(b"Integer e.g. 20", b"20")
    named_once = shape.replace(b'"purge": false,\n        "child_details"', b'"child_details"')
    filled = named_once.replace(b"YYYY-MM-DD", b"2026-05-01").replace(b'"string"', b'"S1"')

    assert the_refusal(read, shape) == ("Children", "duplicate-key")
    assert {o.reason for o in outcomes(read, named_once) if isinstance(o, Unreadable)} == {
        "not-a-date"
    }
    assert told([the_message(read, filled)]) == [
        "safeguarding: Child protection plan, from 2026-05-01 until 2026-05-01",
        (
            "safeguarding: Section 47 enquiry, from 2026-05-01 until 2026-05-01, "
            "Initial child protection conference 2026-05-01"
        ),
        "social-care: Adoption planned, from 2026-05-01",
        "social-care: Child and family assessment, from 2026-05-01 until 2026-05-01",
        "social-care: Child in need plan, from 2026-05-01 until 2026-05-01",
        "social-care: Children's social care closed, from 2026-05-01, code not in the list",
        "social-care: Children's social care, worker S1, from 2026-05-01 until 2026-05-01",
        "social-care: Leaving care: in touch with the local authority, from 2026-05-01",
        "social-care: Looked after by the local authority, from 2026-05-01 until 2026-05-01",
        (
            "social-care: Referral to children's social care, from 2026-05-01, Taken further, "
            "Referred by code not in the list"
        ),
    ]


def _cleared(body: bytes) -> list[str]:
    message = the_message(read, body)
    return [record.source_id for record in message.records if record.action is Action.CLEAR]
