"""A ledger with looks, decisions and refusals in it, placed in the tree and signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import LedgerSigner
from schemas.identifiers import PersonId
from services.audit.asked import Auditor
from services.audit.exports.chosen import Chosen, ExportBecause, Format, OrderExport
from services.audit.exports.exporting import BegunExport, Sent, begin_export, stream_export
from services.ledger.postgres_access import LedgerAccess
from services.work import Outside
from tests.support.balp.samples import OTHER, PERSON, sample
from tests.support.ledger.ledger_builders import NOW, SIGNER, an_entry

OPERATOR = Auditor("operator:tester")
LOOKING = "practitioner:" + "e1" * 16
COLLEAGUE = "practitioner:" + "e2" * 16
WORDS = "Ottoline Quillfeather-Snow, 9990000115, asked by letter"


def a_look(number: int, *, by: str = LOOKING, subjects: Sequence[str] = (PERSON,)) -> LedgerEntry:
    """Build a look, a minute after the one before."""
    fields = {
        "disclosure": f"{number:032x}",
        "subjects": list(subjects),
        "purpose": "direct-care",
        "categories": ["child-health"],
        "withheld_categories": [],
        "policy_version": "rules-2026+one",
        "decided_from": [],
    }
    at = NOW + timedelta(minutes=number)
    return an_entry(LedgerEvent.PROFILE_READ, fields, at=at, actor=by)


@dataclass
class Desk:
    """Exports as the page and the command do, on a test's own database."""

    outside: Outside
    ledger_signer: LedgerSigner = SIGNER
    told: list[Sent] = field(default_factory=list)

    def append(self, *entries: LedgerEntry) -> None:
        """Append entries and give them their place."""
        access = LedgerAccess(self.outside.engine, signer=SIGNER)
        access.append(entries)
        access.integrate()

    def begin(self, form: Format, chosen: Chosen | None = None, **more: Any) -> Any:
        """Enter an export, or be refused."""
        by = more.pop("by", OPERATOR)
        words = more.pop("words", WORDS)
        order = OrderExport(form, chosen or Chosen(), ExportBecause.FAMILY_ASKS, words)
        return begin_export(order, by=by, outside=self.outside)

    def pieces(self, begun: BegunExport) -> Iterator[bytes]:
        """Stream it."""
        return stream_export(begun, outside=self.outside, signing=self, tell=self.told.append)

    def export(self, form: Format, chosen: Chosen | None = None) -> bytes:
        """Enter it, and take all of it."""
        begun = self.begin(form, chosen)
        assert isinstance(begun, BegunExport)
        return b"".join(self.pieces(begun))


@pytest.fixture
def desk(outside: Outside) -> Desk:
    """Give a desk on a ledger of 3 looks and a search; before them the agreement was adopted."""
    made = Desk(outside)
    made.append(
        a_look(1),
        a_look(2, by=COLLEAGUE),
        a_look(3, subjects=(OTHER,)),
        sample(LedgerEvent.SEARCH_MADE, actor=LOOKING),
    )
    return made


def of_person(person: str = PERSON) -> Chosen:
    """Choose what is about somebody."""
    return Chosen(persons=(PersonId(person),))


def minutes(number: float) -> datetime:
    """So many minutes after the first moment."""
    return NOW + timedelta(minutes=number)
