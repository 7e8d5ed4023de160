"""Who answers for a partner, as a file says it."""

import pytest

from services.cli.intake.directory.community import people_in
from services.people.presence.contacts import ContactKind


def test_each_line_is_a_mailbox_and_a_second_way():
    """In one spelling, whatever the file's; empty lines are none."""
    found = people_in(
        ["Ann@Home-Start.example, 07700 900811", "", '"ben@home-start.example",ben@own.example']
    )

    assert found is not None
    assert [(mailbox.value, second.value, second.kind) for mailbox, second in found] == [
        ("ann@home-start.example", "+447700900811", ContactKind.MOBILE),
        ("ben@home-start.example", "ben@own.example", ContactKind.EMAIL),
    ]


@pytest.mark.parametrize(
    "line",
    ["ann@home-start.example", "ann@home-start.example,12", "a,b", "a@b.example,07700900811,x"],
)
def test_line_that_is_something_else_makes_no_list(line: str):
    """Nobody is left out without a word."""
    assert people_in(["ben@home-start.example,07700 900822", line]) is None
