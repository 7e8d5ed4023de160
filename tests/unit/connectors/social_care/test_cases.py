"""The tables in `cases`: what an authority sends, and what is told of it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.ports import Unreadable
from connectors.social_care.csc.reader import read_csc
from schemas.records.message import SourceMessage
from tests.support.messages.cases import cases_in
from tests.support.messages.csc import csc
from tests.support.reading import outcomes
from tests.support.told import told

CASES = dict(cases_in(Path(__file__).parent / "cases", "[0-9]_*.yaml"))
FIRST = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_told_of_a_child_is_as_the_table_says(case: dict[str, Any]):
    """After the last payload, whatever came before; or it parks with field and reason."""
    found = [_read(child, day) for day, child in enumerate(case["sent"])]

    last = found[-1]
    if "parks" in case:
        assert isinstance(last, Unreadable)
        assert f"{last.field}: {last.reason}" == case["parks"]
        return
    messages = [message for message in found if isinstance(message, SourceMessage)]
    assert told(messages) == case["left"]
    if "known_by" in case:
        (subject,) = messages[-1].subjects
        assert [i.scheme.value for i in subject.identifiers] == case["known_by"]
        assert subject.demographics.family_name is None


def test_the_same_is_left_whatever_order_the_payloads_come_in():
    """Each is read with the version it was received with; the tables hold backwards too."""
    for name, case in CASES.items():
        if "parks" in case:
            continue
        found = [_read(child, day) for day, child in enumerate(case["sent"])]
        messages = [message for message in found if isinstance(message, SourceMessage)]

        assert told(reversed(messages)) == case["left"], name


def _read(child: Any, day: int) -> SourceMessage | Unreadable:
    at = FIRST + timedelta(days=day)
    (outcome,) = outcomes(partial(read_csc, received_at=at), csc(child))
    return outcome
