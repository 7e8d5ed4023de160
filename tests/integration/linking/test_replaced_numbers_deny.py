"""A no that stands under a number which was replaced holds for whoever has the new one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.ports import Received
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from consent.ledger.events import LedgerEvent
from consent.model import Response
from schemas.identifiers import PersonId
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, IdentifierStatus, Source
from services.people.linking.considering import NUMBER_REPLACED
from services.people.linking.joins import KeepApart, keep_apart
from services.people.persons.subjects import identifier_of
from services.work import Outside, considering, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, ids_of
from tests.support.messages.source_messages import a_message, a_record

pytestmark = pytest.mark.postgres

OLD, NEW = (identifier_of(IdentifierScheme.NHS_NUMBER, n) for n in ("9990000018", "9990000026"))
WHO = Demographics("Quillfeather", ("Rowan",), "2024-05-03", postcode="ZZ99 3VZ")
BEFORE, NOW = Subject("child", (OLD,), WHO), Subject("child", (NEW,), WHO)
RENUMBERED = Subject("child", (NEW, replace(OLD, status=IdentifierStatus.SUPERSEDED)), WHO)
REFUSED = {"response": Response.REFUSED, "categories": [Category.CHILD_HEALTH]}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _push(running: InProcess, number: str, subject: Subject, **more: object) -> list[str]:
    answers = running.receive(a_message(number, a_record(number, **more), subjects=(subject,)))
    running.settle()
    return ids_of(answers)


def _persons(running: InProcess) -> tuple[PersonId | None, PersonId | None]:
    return running.person(BEFORE), running.person(NOW)


def test_the_message_that_says_so_goes_no_further_than_both_permit(running: InProcess):
    """What was refused is withheld from the first message on; the rest goes."""
    running.decide(BEFORE, **REFUSED)
    running.decide(NOW)

    refused = _push(running, "m1", RENUMBERED)
    other = _push(running, "m2", RENUMBERED, category=Category.EDUCATION)

    assert (refused, other) == (["withheld"], ["published"])


def test_it_holds_afterwards_also_of_what_no_longer_names_the_old_number(running: InProcess):
    """By one hand, the source's: nobody is shown more, and what was stored before goes."""
    running.decide(BEFORE, **REFUSED)
    running.decide(NOW)
    assert _push(running, "m1", NOW) == ["published"]

    _push(running, "m2", RENUMBERED)

    assert running.count("record") == 0
    assert _push(running, "m3", NOW) == ["withheld"]
    (told,) = running.ledger(LedgerEvent.PERSON_JOINED)
    assert told.fields["because"] == (NUMBER_REPLACED,)
    assert running.ledger(LedgerEvent.PERSON_JOIN_WARRANTED) == []
    before, now = _persons(running)
    assert None not in {before, now}
    assert before != now


def test_a_no_that_is_taken_back_lets_go_what_it_had_held_back(
    running: InProcess, clock: StandingClock
):
    """It is found by what is decided about the other number's holder, and decided on again."""
    running.decide(BEFORE, **REFUSED)
    running.decide(NOW)
    assert _push(running, "m1", RENUMBERED) == ["withheld"]
    before, _ = _persons(running)
    assert before is not None
    with unit_of_work(running.connectors) as work:
        tokens = list(work.persons.tokens_of_person(before))
        held = work.dispositions.withheld_refs(Source.HEALTH_VISITING, tokens)

    clock.pass_by(timedelta(minutes=1))
    running.decide(BEFORE)

    assert len(held) == 1
    assert _push(running, "m1", RENUMBERED) == ["published"]


def test_who_is_known_as_two_has_only_an_own_no(running: InProcess):
    """A steward's word that they are two goes before a source's that they are one."""
    running.decide(BEFORE, **REFUSED)
    running.decide(NOW)
    before, now = _persons(running)
    assert before is not None
    assert now is not None
    with unit_of_work(running.portal) as work:
        apart = KeepApart(before, now, f"practitioner:{VISITOR}")
        keep_apart(apart, joining=considering(work, running.portal).joining)

    assert _push(running, "m1", RENUMBERED) == ["published"]
    assert running.ledger(LedgerEvent.PERSON_JOINED) == []


def test_one_persons_file_ties_no_no_to_somebody_else(running: InProcess):
    """What it says goes no further than both permit; what others say of the child goes as before.

    A data steward, or a feed that somebody else than its writer keeps, says whether it is so.
    """
    running.decide(BEFORE, **REFUSED)
    running.decide(NOW)
    assert _push(running, "m1", NOW) == ["published"]
    typed = a_message("m2", a_record("m2"), subjects=(RENUMBERED,))
    with unit_of_work(running.connectors) as work:
        received = [Received(0, typed, raw=bytes)]
        command = PublishIfPermitted(typed.source, received)
        said = publish_if_permitted(command, publishing=work.publishing(typed.source, None))
    running.settle()

    assert ids_of(said) == ["withheld"]
    assert running.ledger(LedgerEvent.PERSON_JOINED) == []
    assert running.count("record") == 1
    assert _push(running, "m3", NOW) == ["published"]
