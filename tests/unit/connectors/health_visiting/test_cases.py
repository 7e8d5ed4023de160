"""What comes in and what must come out, told in cases/*.yaml; in XML and in JSON alike."""

import pytest

from connectors.health_visiting.accounts.encounters import ACCOUNTS
from connectors.health_visiting.nems.events import SENT, EventCode
from connectors.health_visiting.nems.message import (
    MessageEventType,
)
from tests.support.messages.nems_cases import Case, cases, what_became
from tests.support.messages.nems_json import as_json
from tests.support.reading import nems, outcomes

CASES = list(cases())
BY_TABLE = {
    *ACCOUNTS,
    EventCode.ADDITIONAL_DEMOGRAPHICS,
    EventCode.SAFETY_ALERTS,
    EventCode.FAILSAFE_ALERT,
    EventCode.FAILSAFE_ALERT_NULLIFIED,
}
"""The other events of Digital Child Health, told in test_accounts.py and test_alerts.py."""


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_message_becomes_what_its_case_says(case: Case):
    """Records as far as the case tells them, or the field and the reason for which it parks."""
    text = case.text()

    (outcome,) = outcomes(nems, text)

    assert what_became(outcome, case.expected) == case.expected
    assert outcomes(nems, as_json(text)) == [outcome]


def test_every_event_has_a_case_for_each_of_its_types():
    """New, update and delete; none is forgotten."""
    told = {(case.event, case.type) for case in CASES}

    cased = SENT - BY_TABLE
    assert not {(event, kind.value) for event in cased for kind in MessageEventType} - told


def test_no_two_cases_have_one_name():
    """A failing case can be found."""
    names = [(case.file, case.name) for case in CASES]

    assert len(set(names)) == len(names)
