"""Events of the Personal Demographics Service."""

from schemas.records.payloads import ContactDetails, Involvement, PersonDetails
from schemas.vocabulary import Label
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.messages.nems_pds import (
    change_of_address,
    change_of_gp,
    death_notification,
    record_change,
)
from tests.support.reading import (
    nems,
    payloads,
    record_of,
    removed,
    the_message,
    the_refusal,
    upserted,
)

DEATH = "patient/pds/9990000018/death"


def test_change_of_address_keeps_both_addresses_with_their_dates():
    """Claims with dates, since the event is known to flip back and forth."""
    message = the_message(nems, change_of_address(APerson()))

    old, new = payloads(message, ContactDetails)[0].addresses

    assert (old.use, old.postcode, old.period.end) == ("old", "NF9 9ZZ", "2026-08-31")
    assert (new.use, new.postcode) == ("home", "NF1 1AA")
    assert message.subjects[0].demographics.postcode == "NF1 1AA"


def test_pds_address_does_not_overwrite_what_a_team_holds():
    """They are different claims, so they have different source ids."""
    pds = record_of(the_message(nems, change_of_address(APerson())), ContactDetails)
    team = record_of(the_message(nems, professional_contact()), ContactDetails)

    assert pds.source_id != team.source_id


def test_change_of_gp_shows_the_practice_now_and_the_one_before():
    """The one before has its end."""
    message = the_message(nems, change_of_gp(APerson()))

    by_code = {i.agency_code: i for i in payloads(message, Involvement)}

    assert by_code["Y99901"].service == "General practice"
    assert by_code["Y99901"].telephone == "01632 960140"
    assert by_code["Y99901"].period.end is None
    assert by_code["Y99902"].period.end == "2026-08-30"


def test_leaving_a_practice_updates_the_record_of_having_joined_it():
    """One record a person and practice."""
    joined = the_message(nems, change_of_gp(APerson(), now=("Y99902", "Old Mill"), before=None))
    left = the_message(nems, change_of_gp(APerson(), before=("Y99902", "Old Mill")))

    shared = upserted(joined) & upserted(left)

    assert "patient/pds/9990000018/general-practice/Y99902" in shared


def test_practices_tell_where_somebody_lives():
    """They are labelled."""
    message = the_message(nems, change_of_gp(APerson()))

    labels = [r.labels for r in message.records if isinstance(r.payload, Involvement)]

    assert labels == [{Label.LOCATION}, {Label.LOCATION}]


def test_formal_and_informal_deaths_say_when():
    """Both count until they are taken back."""
    for status in ("1", "2"):
        person = APerson(died="2026-08-01T15:00:00+00:00", death_status=status)
        message = the_message(nems, death_notification(person))
        (death,) = [r.payload for r in message.records if r.source_id == DEATH]
        assert death == PersonDetails(died="2026-08-01T15:00:00+00:00")


def test_death_taken_back_removes_it():
    """Nobody stays dead by mistake: neither the record nor the person's details say so."""
    message = the_message(nems, death_notification(APerson(death_status="U")))

    assert removed(message) == {DEATH, f"{DEATH}/signalled"}
    assert [details.died for details in payloads(message, PersonDetails)] == [None]


def test_later_message_about_something_else_cannot_blank_a_death():
    """The death has a record of its own."""
    other = the_message(nems, change_of_address(APerson()))

    assert DEATH not in upserted(other) | removed(other)


def test_record_change_is_only_a_notice():
    """Of somebody alive it carries no records, so it needs no lastUpdated to be ordered by."""
    message = the_message(nems, record_change(APerson()))

    assert message.records == ()
    assert message.version.at == "2026-09-01T09:00:00.000000Z"


def test_other_events_need_lastupdated():
    """Order is not guaranteed and so must be told."""
    header = AHeader(event="pds-change-of-gp-1", updated=None)

    refusal = the_refusal(nems, change_of_gp(APerson(), header))

    assert refusal == ("MessageHeader.meta.lastUpdated", "missing")
