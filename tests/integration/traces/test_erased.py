"""Erased: nothing opens what is left, wherever it lies."""

import pytest

from services.lifecycle.erasure.erasing import ErasePerson, Erasure, ErasureGround
from services.workers.erasure import erase
from tests.support.erasing import ORDER
from tests.support.traces.may_remain import EVERYTHING, OPAQUE_AFTER_ERASURE
from tests.support.traces.planted import Planted
from tests.support.traces.traces import Traces

pytestmark = pytest.mark.postgres


def test_no_word_can_be_read_anywhere(planted: Planted, traces: Traces):
    """On the bus neither: its key is gone for everybody."""
    planted.permit()
    planted.plant()
    planted.park()

    _erase(planted)

    found = traces.of(EVERYTHING)
    assert set(found) <= {"public.parked"}
    assert set(traces.rows_naming(planted.person)) <= set(OPAQUE_AFTER_ERASURE)


def test_nothing_is_left_that_would_find_them(planted: Planted, traces: Traces):
    """No token of theirs stands in any table."""
    planted.permit()
    planted.plant()
    tokens = planted.tokens()
    assert traces.rows_naming(*tokens)

    _erase(planted)

    assert traces.rows_naming(*tokens) == {}


def _erase(planted: Planted) -> None:
    order = ErasePerson(planted.person, ErasureGround.UNLAWFUL, "job:test", ORDER)
    assert isinstance(erase(order, outside=planted.running.outside), Erasure)
    planted.running.settle()
