"""Who types a command is who the system says, not who they say they are."""

import re

import pytest

from consent.ledger.fields import ACTOR_TEXT
from services.cli.operator import operator


def test_an_operator_is_one_that_the_ledger_can_name():
    """By account or by number."""
    assert re.fullmatch(ACTOR_TEXT, operator())


def test_nobody_becomes_another_by_a_variable(monkeypatch: pytest.MonkeyPatch):
    """One person would be both hands."""
    before = operator()

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")

    assert operator() == before
