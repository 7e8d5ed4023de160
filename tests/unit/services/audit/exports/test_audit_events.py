"""Each ledger event as FHIR R4 AuditEvents: after IHE BALP's profiles, and as R4 has them."""

import json
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from hypothesis import given, settings

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from services.audit.exports.fhir_events import AuditEvents
from services.audit.exports.fhir_profiles import BalpProfile
from services.audit.exports.postgres_entries import EntryRow
from tests.support.balp.checking import faults_of
from tests.support.balp.conformance import PAGE, page
from tests.support.balp.samples import OTHER, PERSON, sample
from tests.support.ledger.ledger_builders import ORIGIN, entries

WRITER = AuditEvents(ORIGIN)
ACTORS = ("practitioner:" + "ee" * 16, "partner:a-system", "job:relay", "operator:somebody")


def events_of(entry: LedgerEntry) -> list[dict[str, Any]]:
    """Write an entry as an export does, and read the lines."""
    lines = b"".join(piece for _, piece in WRITER.lines([EntryRow(1, 0, entry.body)]))
    return [json.loads(line) for line in lines.splitlines()]


def test_every_event_is_written_as_its_profile_constrains_it():
    """By whomever, and whether or not it names somebody."""
    found = {
        (event, str(fault))
        for event in LedgerEvent
        for is_bare, actor in ((True, ACTORS[0]), *((False, each) for each in ACTORS))
        for written in events_of(sample(event, is_bare=is_bare, actor=actor))
        for fault in faults_of(written)
    }

    assert not found


def test_every_event_is_an_audit_event_of_r4():
    """The models of FHIR, which writing does not go through, read each of them."""
    for event in LedgerEvent:
        for written in events_of(sample(event)):
            AuditEvent.model_validate(written)


@settings(max_examples=40, deadline=None)
@given(entries())
def test_whatever_an_entry_holds_it_keeps_to_its_profile(entry: LedgerEntry):
    """Every possible entry, and at least one AuditEvent of each."""
    written = events_of(entry)

    assert written
    assert [fault for each in written for fault in faults_of(each)] == []
    assert len({each["id"] for each in written}) == len(written)


def test_each_profile_that_we_follow_is_followed_by_something():
    """A profile that no event comes to would not be checked."""
    followed = {
        canonical
        for event in LedgerEvent
        for is_bare in (False, True)
        for written in events_of(sample(event, is_bare=is_bare))
        for canonical in written.get("meta", {}).get("profile", [])
    }

    assert followed == {profile.canonical for profile in BalpProfile}


def test_whoever_is_named_has_an_audit_event_of_their_own():
    """The profiles have one patient; two were read at once."""
    first, second = events_of(sample(LedgerEvent.PROFILE_READ))

    patients = [
        entity["what"]["reference"]
        for each in (first, second)
        for entity in each["entity"]
        if entity["type"]["code"] == "1"
    ]
    assert patients == [f"Patient/{PERSON}", f"Patient/{OTHER}"]
    assert second["id"] == f"{first['id']}-2"


def test_a_look_on_a_partners_screens_names_the_partner_as_the_system():
    """And the practitioner as the user, as on our own pages."""
    ours, theirs = (
        events_of(sample(event, actor=f"practitioner:{PERSON}"))[0]["agent"]
        for event in (LedgerEvent.PROFILE_READ, LedgerEvent.PROFILE_READ_THROUGH_PARTNER)
    )

    assert "identifier" not in ours[0]["who"]
    assert theirs[0]["who"]["identifier"]["system"].endswith("partner")
    assert ours[-1]["who"] == theirs[-1]["who"]


@pytest.mark.parametrize(
    ("breaks", "fault"),
    [
        (lambda e: e.update(action="C"), "action"),
        (lambda e: e["subtype"].clear(), "subtypes"),
        (lambda e: e.update(outcome="8"), "outcome"),
        (lambda e: e["agent"][0].pop("network"), "lacks ['network']"),
        (lambda e: e["agent"].pop(1), "0 of slice"),
        (lambda e: e["entity"].pop(0), "slice"),
        (lambda e: e["entity"][0]["what"].update(reference="Person/x"), "no patient"),
        (lambda e: e["source"].pop("observer"), "observer"),
    ],
    ids=[f"broken-{n}" for n in range(8)],
)
def test_what_breaks_a_profile_is_seen(breaks: Any, fault: str):
    """The check that the others rely on."""
    written = events_of(sample(LedgerEvent.PROFILE_READ))[0]
    breaks(written)

    assert any(fault in found for found in faults_of(written))


def test_an_entry_that_is_not_well_formed_gives_none():
    """What it holds could be anything."""
    damaged = sample(LedgerEvent.PROFILE_READ).body.replace(b"direct-care", b"Quillfeather")

    assert list(WRITER.lines([EntryRow(1, 0, damaged)])) == [(1, b"")]


def test_the_page_says_which_profile_each_event_follows():
    """Write it with `python -m tests.support.balp.conformance`."""
    assert PAGE.read_text() == page()
