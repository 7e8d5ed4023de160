"""Exports on pages: entered before the first row, streamed, listed with how far each came."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from consent.ledger.events import LedgerEvent
from services.audit.asked import Auditor
from services.audit.exports.chosen import Chosen, ExportBecause, Format, OrderExport
from services.audit.exports.exporting import (
    BegunExport,
    Sent,
    begin_export,
    keeping_progress,
    stream_export,
)
from services.platform.keys.vault import KeyVault
from tests.support.audit.office_world import AuditOffice, an_audit_office, looks
from tests.support.portal.pages import Page, PageClient

pytestmark = pytest.mark.postgres
WORDS = "Ottoline Quillfeather-Snow asked by letter"
FORM = {
    "format": "csv",
    "from": "2026-03-01",
    "to": "2026-03-31",
    "because": "family-asks",
    "why": WORDS,
    "events": ["looks"],
}
NEW = "/audit/exports/new"


@pytest.fixture(scope="module")
def world(
    shared_engine: Engine, vault: KeyVault, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuditOffice]:
    """An office in which 30 looks were made."""
    with an_audit_office(shared_engine, vault, tmp_path_factory.mktemp("office")) as found:
        found.append(*looks(30, by=found.visitor, at=found.clock.now()))
        yield found


@pytest.fixture(scope="module")
def auditor(world: AuditOffice) -> PageClient:
    """Give the browser of an officer."""
    return world.office.browser(world.office.governance)


def test_an_export_is_entered_with_who_and_why_and_then_sent(
    world: AuditOffice, auditor: PageClient
) -> None:
    """The file has the looks; the list says who, why, and that all of it left."""
    answer = auditor.http.post(NEW, data=FORM | {"csrf": auditor.get(NEW).token_of(NEW)})
    rows = list(csv.reader(io.StringIO(answer.text)))
    page = auditor.get("/audit/exports")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('.csv"')
    assert len(rows) == 31
    begun, finished = (
        world.running.ledger(event)[-1]
        for event in (LedgerEvent.AUDIT_EXPORT_BEGUN, LedgerEvent.AUDIT_EXPORT_FINISHED)
    )
    assert begun.actor == f"practitioner:{world.office.governance}"
    assert begun.fields["because"] == "family-asks"
    assert begun.fields["export"] == finished.fields["export"]
    assert finished.fields["rows"] == 30
    assert "Iris Vane" in page.text
    assert WORDS in page.text
    assert "All of it left" in page.text
    listed = auditor.http.get("/audit/exports?as=csv").text
    assert str(begun.fields["export"]) in listed
    assert WORDS not in listed


def _wrong(auditor: PageClient, **wrong: Any) -> Page:
    return auditor.send(NEW, NEW, {**FORM, **wrong}, 422)


def test_a_form_that_is_wrong_exports_nothing_and_echoes_no_number(
    world: AuditOffice, auditor: PageClient
) -> None:
    """Each field says what to do; what was written of why is kept in its field alone."""
    before = len(world.running.ledger(LedgerEvent.AUDIT_EXPORT_BEGUN))

    for wrong, said in (
        ({"format": "pdf"}, "Select in which form"),
        ({"from": "yesterday"}, "Enter a real day"),
        ({"family": "999 000 0018"}, "Enter the family record’s number"),
        ({"agency": "NOBODY"}, "Choose an agency of the list"),
        ({"because": "curious"}, "Select why"),
        ({"why": " "}, "Say why in words"),
        ({"events": ["everything"]}, "Choose from the list"),
    ):
        assert said in _wrong(auditor, **wrong).errors[0]

    assert len(world.running.ledger(LedgerEvent.AUDIT_EXPORT_BEGUN)) == before


def test_one_that_goes_on_shows_how_far_it_has_come(
    world: AuditOffice, auditor: PageClient
) -> None:
    """Rows so far while it goes on; stopped, it says so."""
    portal = world.running.portal
    order = OrderExport(Format.CASE, Chosen(), ExportBecause.OVERSIGHT, "a check")
    begun = begin_export(order, by=Auditor("operator:tester"), outside=portal)
    assert isinstance(begun, BegunExport)
    keep = keeping_progress(begun.id, portal)
    world.clock.pass_by(timedelta(seconds=3))
    keep(Sent(1234))

    going_on = auditor.get("/audit/exports").text
    world.clock.pass_by(timedelta(minutes=3))
    killed = auditor.get("/audit/exports").text
    pieces = stream_export(begun, outside=portal, signing=_Signing(world))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined] # a generator
    stopped = auditor.get("/audit/exports").text

    assert "Going on" in going_on
    assert "1,234 so far" in going_on
    assert "No end: stopped" in killed
    assert "At least 1,234" in killed
    assert "Broke off" in stopped


class _Signing:
    def __init__(self, world: AuditOffice) -> None:
        self.ledger_signer = world.watched.signer


def test_only_who_has_just_signed_in_makes_one(world: AuditOffice) -> None:
    """Half an hour later they are asked who they are, and nothing is exported."""
    browser = world.office.browser(world.office.governance)
    token = browser.get(NEW).token_of(NEW)
    before = len(world.running.ledger(LedgerEvent.AUDIT_EXPORT_BEGUN))

    world.clock.pass_by(timedelta(minutes=20))
    answer = browser.http.post(NEW, data=FORM | {"csrf": token})

    assert answer.status_code in {303, 401, 403}
    assert len(world.running.ledger(LedgerEvent.AUDIT_EXPORT_BEGUN)) == before


def test_others_export_nothing(world: AuditOffice) -> None:
    """Neither the list nor the form is theirs."""
    for who in (world.visitor, world.manager):
        for address in ("/audit/exports", NEW):
            page = world.office.browser(who).get(address, 403)
            assert page.heading == "Your role does not open this page"
