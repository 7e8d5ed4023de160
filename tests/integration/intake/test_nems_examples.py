"""What becomes of the NHS's own 25 examples, on a real database: a table that cannot drift."""

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from schemas.records.message import SourceMessage, Subject
from schemas.vocabulary import Disposition, IdentifierScheme, Source
from services.intake.parked.remedies import remedy_for
from services.people.persons.subjects import identifier_of
from services.work import Outside, unit_of_work
from tests.support.checkout import ROOT
from tests.support.fakes.in_process import FEEDS, InProcess
from tests.support.reading import SAMPLES, nems, outcomes, received

FOLDER = SAMPLES / "health-visiting-nems"
TABLE = ROOT / "deploy" / "conformance" / "nems-examples.md"
_WRITE = "TELL_ONCE_WRITE_TABLES"

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared samples are not here"),
]

_OTHER_DATE = "Patient.birthDate: contradicts:MessageHeader.birthDateTime"
# As they stood on 29 November 2026, for whatever was permitted; the rest was published.
_PARKED_BEFORE = {
    "BirthNotificationWithoutMother": "Patient.deceasedDateTime: contradicts:Patient.birthDate",
    "PDS-Change-Of-Address-ems-example": _OTHER_DATE,
    "PDS-Death-Notification-formal-ems-example": "Patient.identifier[nhs-number]: check-digit",
    "PDS-Death-Notification-informal-ems-example": "Patient.identifier[nhs-number]: check-digit",
    "PDS-Death-Notification-removed-ems-example": "Patient.identifier[nhs-number]: check-digit",
    **{
        f"{event}-{kind}": _OTHER_DATE
        for event in (
            "Professional-Contacts-1",
            "blood-spot-test-outcome-1",
            "newborn-hearing-1",
            "nipe-outcome-1",
            "vaccinations-1",
        )
        for kind in ("new", "update")
    },
}
_ABOUT = """# NHS England's own NEMS examples: what becomes of each

Source: NHS England, National Events Management Service, the 25 example messages as published.
Written by `tests/integration/intake/test_nems_examples.py`, which brings each in by itself on a
real database; the test fails when this is out of date.

Everything is permitted about everybody whom they name by a verified number, and no date of birth
is on record. *Before* is as of 29 November 2026.

- `dates-contradict`: the child's own date of birth in it is another than that by which it was sent.
  Number and name agree, and its time of birth agrees with the latter: what was found is published
  and marked, nothing of who the child is, and neither date is learnt
  (`deploy/decisions/2026-11-30-contradictions-have-a-way-on.md`).
- The change of address tells who somebody is, and its time of birth agrees with the other date:
  data stewards decide.
- The three deaths have a number that fails its check, so nobody can say whose they are. They are
  urgent, and stand first in the list.
- A record change has nothing to share.
- Brought in one after the other more of them wait: the examples share one number, and give its
  holder several dates of birth.
"""


class _NotKeptError(Exception):
    """Nothing of what was brought in is to stay, so that each example is by itself."""


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job, with everybody permitted whom an example names."""
    with InProcess.running(outside) as found:
        for number in sorted(_numbers()):
            found.decide(Subject("child", (identifier_of(IdentifierScheme.NHS_NUMBER, number),)))
        yield found


def test_the_table_of_the_nhs_s_own_examples_is_in_step(running: InProcess):
    """Write it anew with TELL_ONCE_WRITE_TABLES=1 in the environment; look at what changed."""
    table = "\n".join((_ABOUT, *_rows(running))) + "\n"

    if os.environ.get(_WRITE):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table


def _numbers() -> set[str]:
    found = [outcomes(nems, path.read_bytes()) for path in FOLDER.glob("*.xml")]
    return {
        identifier.value
        for (outcome,) in found
        if isinstance(outcome, SourceMessage)
        for subject in outcome.subjects
        for identifier in subject.identifiers
        if identifier.is_verified
    }


def _rows(running: InProcess) -> Iterator[str]:
    yield "| example | before | now | reason | what to do |"
    yield "|---|---|---|---|---|"
    for path in sorted(FOLDER.glob("*.xml")):
        became = _alone(running, path.read_bytes())
        now, reason = became.disposition, became.reason or ""
        parked = _PARKED_BEFORE.get(path.stem)
        before = now.value if parked is None else f"parked, {parked}"
        field, _, code = reason.partition(": ")
        todo = remedy_for(field, code).who.label if now is Disposition.PARKED else ""
        yield f"| {path.stem} | {before} | {now.value} | {reason} | {todo} |"


def _alone(running: InProcess, text: bytes) -> IndexedDisposition:
    """What becomes of one message where no other has come."""
    source = Source.HEALTH_VISITING
    command = PublishIfPermitted(source, received(nems, text))
    became: list[IndexedDisposition] = []
    with suppress(_NotKeptError), unit_of_work(running.connectors) as work:
        publishing = work.publishing(source, None, FEEDS[source])
        became += publish_if_permitted(command, publishing=publishing)
        raise _NotKeptError
    return became[0]
