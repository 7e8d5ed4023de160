"""The header: identity, order, routing, and what is refused there."""

import pytest

from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Label
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.reading import nems, outcomes, payloads, received, the_message, the_refusal

CONTACT = professional_contact()
UUID = "0b6a9b1e-52d5-4c7e-9a53-3a3f6a3d9c11"


def contact(**header: str | None) -> bytes:
    """A professional contact with something else in its header."""
    return professional_contact(header=AHeader(**header))


def test_redelivery_shares_its_message_id():
    """However it is spaced, and whatever the bundle around it is called."""
    again = CONTACT.replace(b"\n\t", b"\n \t").replace(b"<entry>", b"<entry><!-- again -->")
    again = again.replace(b'<id value="', b'<id value="another-', 1)

    assert again != CONTACT
    assert the_message(nems, again).message_id == the_message(nems, CONTACT).message_id


def test_different_messages_under_one_header_id_are_different():
    """NHS examples do share header ids; none of them may count as a duplicate."""
    ids = {
        the_message(nems, contact(message_id=UUID, event_type=kind)).message_id
        for kind in ("new", "update", "delete")
    }

    assert len(ids) == 3


def test_version_is_in_utc_with_the_version_id():
    """Later ones sort later, whatever their zone."""
    summer = the_message(nems, contact(updated="2026-09-01T10:00:00+01:00", version_id="2"))
    winter = the_message(nems, contact(updated="2026-09-01T09:00:00.5Z", version_id="1"))

    assert summer.version.at == "2026-09-01T09:00:00.000000Z"
    assert winter.version.sort_key > summer.version.sort_key
    assert summer.version.number == 2


NUMBER, ROUTED = "Patient.identifier[nhs-number]", "MessageHeader.routing.nhsNumber"
UPDATED, TYPE = "MessageHeader.meta.lastUpdated", "MessageHeader.extension[messageEventType]"
ILL_HEADERS: tuple[tuple[dict[str, str | None], str, str], ...] = (
    ({"event": "professional-contacts-9"}, "MessageHeader.event.code", "unknown"),
    ({"event_type": "replace"}, TYPE, "unknown"),
    ({"updated": None, "timestamp": "yesterday"}, "MessageHeader.timestamp", "not-an-instant"),
    ({"updated": "2026-09-01"}, UPDATED, "not-an-instant"),
    ({"updated": "2026-09-01T09:00:00"}, UPDATED, "not-an-instant"),
    ({"updated": "2026-02-30T09:00:00Z"}, UPDATED, "not-an-instant"),
    ({"updated": "0001-01-01T00:00:00+14:00"}, UPDATED, "not-an-instant"),
    ({"version_id": "seven"}, "MessageHeader.meta.versionId", "not-a-number"),
    ({"routing_number": "9990000026", "routing_birth": None}, NUMBER, f"contradicts:{ROUTED}"),
    ({"routing_number": "1112223330"}, ROUTED, "check-digit"),
    ({"routing_birth": "yesterday"}, "MessageHeader.routing.birthDateTime", "not-a-date"),
)


@pytest.mark.parametrize(("header", "field", "reason"), ILL_HEADERS)
def test_ill_header_parks(header: dict[str, str | None], field: str, reason: str):
    """With the field and the reason, never the value."""
    assert the_refusal(nems, contact(**header)) == (field, reason)


def test_two_dates_of_birth_are_in_doubt_and_neither_is_told():
    """What was found is told, marked; no date, and no details without one."""
    message = the_message(nems, contact(routing_birth="2023-03-05"))

    assert message.doubt is not None
    assert (message.doubt.stated, message.doubt.routed) == ("2024-03-05", ("2023-03-05",))
    assert message.subjects[0].demographics.date_of_birth is None
    assert not payloads(message, PersonDetails)
    assert all(Label.DATES_CONTRADICT in record.labels for record in message.records)


def test_two_dates_of_somebody_without_a_verified_number_park():
    """Nothing says then who is meant."""
    person, header = APerson(status="02"), AHeader(routing_birth="2023-03-05")

    assert the_refusal(nems, professional_contact(person, header)) == (
        "Patient.birthDate",
        "contradicts:MessageHeader.birthDateTime",
    )


def test_numbers_that_fail_their_check_park():
    """The only subject's number must be right, in the Patient and in the header."""
    person = APerson(nhs_number="6101231234")
    unrouted = professional_contact(APerson(nhs_number=None), AHeader(routing_number="1112223330"))

    assert the_refusal(nems, professional_contact(person)) == (
        "Patient.identifier[nhs-number]",
        "check-digit",
    )
    assert the_refusal(nems, unrouted) == ("MessageHeader.routing.nhsNumber", "check-digit")


def test_untraced_number_is_kept_unverified():
    """Status 02 is present but not traced: it never links."""
    message = the_message(nems, professional_contact(APerson(status="02")))

    assert [i.is_verified for i in message.subjects[0].identifiers] == [False]


def test_number_without_a_status_counts_as_verified():
    """When its check digit agrees."""
    message = the_message(nems, professional_contact(APerson(status=None)))

    assert message.subjects[0].identifiers[0].is_verified


@pytest.mark.parametrize(("status", "is_verified"), [("01", True), ("02", False), (None, False)])
def test_details_are_verified_only_where_the_source_says_that_it_traced_them(
    status: str | None, *, is_verified: bool
):
    """A check digit is no trace."""
    message = the_message(nems, professional_contact(APerson(status=status)))

    assert [d.is_verified for d in payloads(message, PersonDetails)] == [is_verified]


def test_local_midnight_written_in_utc_is_the_same_day():
    """British Summer Time: the day before at eleven."""
    person = APerson(born="2024-06-05")

    for moment in ("2024-06-04T23:00:00+00:00", "2024-06-05T00:00:00+01:00", "2024-06"):
        text = professional_contact(person, AHeader(routing_birth=moment))
        assert the_message(nems, text).subjects[0].demographics.date_of_birth == "2024-06-05"


def test_delete_without_a_patient_is_about_whom_it_was_routed_by():
    """Deletes may leave the Patient out."""
    start, end = CONTACT.index(b"<Patient>"), CONTACT.index(b"</Patient>")
    episode = CONTACT[:start] + b"<Basic/>" + CONTACT[end + len(b"</Patient>") :]
    reference = episode.index(b"<patient>")
    episode = episode[:reference] + episode[episode.index(b"</patient>") + len(b"</patient>") :]
    delete = episode.replace(b'<code value="new"/>', b'<code value="delete"/>')

    (subject,) = the_message(nems, delete).subjects

    assert subject.identifiers[0].value == "9990000018"
    assert subject.demographics.family_name == "Marlow"
    assert the_refusal(nems, episode) == ("Patient", "missing")


def test_header_id_that_is_not_a_uuid_is_not_repeated():
    """It could be anything, a name for one."""
    (outcome,) = outcomes(nems, contact(message_id="Edie-Marlow"))

    assert "Edie" not in outcome.message_id


def test_raw_reads_as_the_same_message():
    """What is held back can be replayed."""
    (one,) = received(nems, CONTACT)

    (again,) = received(nems, one.raw())

    assert again.outcome == one.outcome
