"""Professional contacts become involvements with a telephone number."""

from dataclasses import replace

from schemas.records.payloads import ContactDetails, Involvement, PersonDetails
from schemas.vocabulary import Category, Label
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.reading import nems, payloads, record_of, removed, the_message, upserted


def test_names_the_health_visitor_and_how_to_ring_them():
    """The top need: who else is involved, and their telephone number."""
    message = the_message(nems, professional_contact())

    (involvement,) = payloads(message, Involvement)

    assert involvement.service == "Health visiting service"
    assert involvement.practitioner_name == "Amara Okafor"
    assert involvement.practitioner_ref == "HV-0101"
    assert involvement.telephone == "01632 960101"
    assert involvement.team == "Northfield East Health Visiting Team"
    assert (involvement.agency_code, involvement.agency_name) == (
        "X9H01",
        "Northfield Community Health",
    )
    assert involvement.period.start == "2026-09-01"


def test_involvement_tells_where_the_child_is_seen():
    """It is labelled, so that a restriction on whereabouts reaches it."""
    message = the_message(nems, professional_contact())

    record = record_of(message, Involvement)

    assert record.category is Category.PRACTITIONERS
    assert record.labels == {Label.LOCATION}


def test_says_who_the_child_is_and_where():
    """Details and contact details are records of their own, the latter labelled."""
    message = the_message(nems, professional_contact())

    details, contact = record_of(message, PersonDetails), record_of(message, ContactDetails)

    assert details.source_id == "patient/X9H01/9990000018/details"
    assert contact.source_id == "patient/X9H01/9990000018/contact"
    assert contact.labels == {Label.LOCATION}
    assert payloads(message, PersonDetails)[0].given_names == ("Edie",)
    assert payloads(message, ContactDetails)[0].addresses[0].postcode == "NF1 1AA"


def test_subject_has_the_verified_number_and_demographics():
    """Linking has what it needs."""
    (subject,) = the_message(nems, professional_contact()).subjects

    assert [i.is_verified for i in subject.identifiers] == [True]
    assert subject.demographics.date_of_birth == "2024-03-05"
    assert subject.demographics.postcode == "NF1 1AA"


def test_update_states_the_same_record_at_a_later_version():
    """The focus resource's own identifier persists; the message id does not."""
    first = the_message(nems, professional_contact())
    header = AHeader(event_type="update", updated="2026-09-02T09:00:00+00:00")

    second = the_message(nems, professional_contact(header=header, practitioner_name="John Smith"))

    assert upserted(second) == upserted(first)
    assert second.message_id != first.message_id
    assert second.version.sort_key > first.version.sort_key


def test_delete_removes_the_involvement_and_nothing_about_the_patient():
    """What is taken back is the episode, not the child's name and address."""
    first = the_message(nems, professional_contact())
    header = AHeader(event_type="delete", updated="2026-09-03T09:00:00+00:00")

    second = the_message(nems, professional_contact(header=header, status="entered-in-error"))

    assert removed(second) == {record_of(first, Involvement).source_id}
    assert upserted(second) == set()


def test_episode_entered_in_error_is_removed_whatever_the_event_type():
    """An update may say so too."""
    header = AHeader(event_type="update")

    message = the_message(nems, professional_contact(header=header, status="entered-in-error"))

    assert len(removed(message)) == 1
    assert upserted(message) == set()


def test_ended_episode_has_an_end():
    """Past involvement is shown as past."""
    message = the_message(nems, professional_contact(end="2026-10-01", status="finished"))

    assert payloads(message, Involvement)[0].period.end == "2026-10-01"


def test_interpreter_and_language_are_communication_needs():
    """What helps the family to be understood travels with the patient."""
    person = APerson(language="Polish", interpreter=True)

    message = the_message(nems, professional_contact(person))

    (record,) = [r for r in message.records if r.category is Category.COMMUNICATION_NEEDS]
    assert record.payload.languages == ("Polish",)
    assert record.payload.interpreter_needed is True


def test_placeholder_name_is_marked():
    """A name that stands in for one not yet given never links."""
    for name in (
        {"given": ("Baby",)},
        {"given": ("Infant",)},
        {"given": ("Twin One",)},
        {"given": ("BABY", "GIRL")},
        {"family": "Unknown"},
        {"given": (), "use": "temp"},
    ):
        (subject,) = the_message(nems, professional_contact(replace(APerson(), **name))).subjects
        assert subject.demographics.placeholder_name, name


def test_ordinary_name_is_no_placeholder():
    """Names that only begin like one are names."""
    for given in (("Babette",), ("Boyd",), ("Twinkle",)):
        (subject,) = the_message(nems, professional_contact(APerson(given=given))).subjects
        assert not subject.demographics.placeholder_name, given


def test_newborn_without_a_name_has_no_given_names():
    """Nothing is guessed."""
    (subject,) = the_message(nems, professional_contact(APerson(given=(), use="temp"))).subjects

    assert subject.demographics.given_names == ()
