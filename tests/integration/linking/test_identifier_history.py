"""Identifiers with their source, their status, and since when until when they were in force."""

from dataclasses import replace

import pytest

from connectors.publishing.ports import ToldSubject
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import IdentifierStatus, Source
from services.people.persons.postgres_identifiers import PostgresPersonIdentifiers
from services.work import Outside, unit_of_work
from tests.support.builders import DAY, NOW
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

OLD, NEW = (nhs_number_identifier(n) for n in ("9990000018", "9990000026"))
LATER = NOW + 30 * DAY


def test_a_number_that_was_replaced_stays_as_history(outside: Outside):
    """Each as its source gave it; values are sealed, and the end is the first time it was told."""
    first = Subject("s", (OLD,), Demographics("Wren", ("Ava",), "2024-05-03"))
    superseded = replace(OLD, status=IdentifierStatus.SUPERSEDED)
    second = replace(first, identifiers=(NEW, superseded))
    moved = replace(second, demographics=replace(first.demographics, postcode="EX1 1AA"))

    with unit_of_work(outside) as work:
        person = work.persons.create(first, at=NOW)
        for subject, at in ((first, NOW), (second, LATER), (moved, LATER + DAY)):
            work.likenesses.keep([(ToldSubject(subject), person)], Source.HEALTH_VISITING, at=at)
    with unit_of_work(outside) as work:
        kept = PostgresPersonIdentifiers(work.connection, work.hasher, work.keys)
        found = {held.identifier: (held.valid_from, held.valid_until) for held in kept.of([person])}

    assert found == {superseded: (NOW, LATER), NEW: (LATER, None)}
    assert found_in_the_clear(outside.engine, [OLD.value, NEW.value, "Wren"]) == []
