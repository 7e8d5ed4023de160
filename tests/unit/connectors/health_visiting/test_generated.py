"""Generated messages: the same for the same seed, readable, about children with valid numbers."""

from deploy.bench.invented.health_visiting import generate_messages
from schemas.identifiers import NhsNumber
from tests.support.reading import nems, the_message, upserted


def test_same_seed_gives_the_same_messages():
    """So that an interrupted run can be compared with one that was not."""
    once = [message.xml for message in generate_messages(24, seed=7)]

    assert [message.xml for message in generate_messages(24, seed=7)] == once
    assert [message.xml for message in generate_messages(24, seed=8)] != once


def test_every_message_is_read():
    """None parks, and each is about the child it says."""
    for generated in generate_messages(40, seed=1):
        message = the_message(nems, generated.xml)
        (subject,) = message.subjects
        assert subject.identifiers[0].value == NhsNumber(generated.nhs_number).value
        assert subject.demographics.date_of_birth == generated.date_of_birth


def test_four_messages_a_child_and_no_name_twice():
    """About as many as a child has in its first years."""
    generated = list(generate_messages(40, seed=1))

    assert len({message.nhs_number for message in generated}) == 10
    assert len({message.name for message in generated}) == 40


def test_last_of_four_updates_the_first():
    """So that versions matter in the runs it is used for."""
    first, *_, last = (the_message(nems, m.xml) for m in generate_messages(4, seed=3))

    assert upserted(last) == upserted(first)
    assert last.version.sort_key > first.version.sort_key
