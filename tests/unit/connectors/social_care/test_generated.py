"""Generated children are children: readable, invented, the same for the same seed."""

from itertools import chain

from deploy.bench.invented.social_care import generate_children, generated_csc
from schemas.identifiers import Upn
from schemas.records.message import SourceMessage
from tests.support.reading import csc as read
from tests.support.reading import outcomes


def test_every_generated_child_is_readable():
    """By a UPN with its check letter, with an episode and more."""
    found = list(chain.from_iterable(outcomes(read, body) for body in generated_csc(1200)))

    messages = [one for one in found if isinstance(one, SourceMessage)]
    assert len(messages) == len(found) == 1200
    assert all(len(message.records) >= 7 for message in messages)
    assert len({message.subjects for message in messages}) == 1200


def test_generated_children_are_found_by_what_is_told_of_them():
    """So that decisions can be recorded before they come."""
    children = list(generate_children(20))

    assert [Upn(child.upn).value for child in children]
    assert all(c.payload["child_details"]["date_of_birth"] == c.date_of_birth for c in children)


def test_same_seed_gives_the_same_bodies():
    """And another another."""
    assert list(generated_csc(30)) == list(generated_csc(30))
    assert list(generated_csc(30)) != list(generated_csc(30, seed=1))
