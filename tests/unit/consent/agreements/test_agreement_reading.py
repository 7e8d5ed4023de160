"""An agreement's file: what it says, and how what it cannot say is refused."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from consent.agreement import Agreement, AgreementRule
from consent.agreements.reading import agreement_from_json
from consent.errors import AgreementInvalidError
from consent.model import Mode
from schemas.vocabulary import SERVICES_HERE, Category, Purpose, Source
from services.bootstrap import standard_agreement
from tests.support.builders import NOW
from tests.support.consents.agreements import file_of
from tests.support.strategies import agreements

RULE = {"agencies": ["schools"], "categories": ["education"], "purposes": ["early-help"]}
FILE: dict[str, Any] = {
    "version": "northfield-2026-1",
    "title": "Northfield",
    "valid_from": "2026-01-01",
    "valid_until": "2026-12-31",
    "rules": [RULE],
}
NAME = "Oyelaran"


def read(**more: Any) -> Agreement:
    """Read the usual file with something else in it; what is None is left out."""
    document = FILE | more
    return agreement_from_json(json.dumps({k: v for k, v in document.items() if v is not None}))


def a_rule_with(**more: Any) -> list[dict[str, Any]]:
    """Give the usual rule with something else in it; what is None is left out."""
    return [{k: v for k, v in (RULE | more).items() if v is not None}]


def test_a_file_says_who_may_receive_what_to_what_end():
    """Sources and modes that are not named are all of them."""
    agreement = read(parties=["Northfield Council", "Brookside Primary School"])

    assert agreement == Agreement(
        "northfield-2026-1",
        "Northfield",
        date(2026, 1, 1),
        date(2026, 12, 31),
        (
            AgreementRule(
                frozenset({Source.SCHOOLS}),
                frozenset({Category.EDUCATION}),
                frozenset({Purpose.EARLY_HELP}),
            ),
        ),
        ("Northfield Council", "Brookside Primary School"),
    )


def test_a_rule_may_be_about_some_sources_and_one_mode():
    """For instance that a school may know of a social worker, and no more."""
    (rule,) = read(rules=a_rule_with(sources=["social-care"], modes=["existence"])).rules

    assert rule.sources == {Source.SOCIAL_CARE}
    assert rule.modes == {Mode.EXISTENCE}


def test_rules_may_overlap():
    """What any of them covers is covered."""
    wider = a_rule_with(purposes=["early-help", "direct-care"])

    assert len(read(rules=[RULE, RULE, *wider]).rules) == 3


@given(agreements)
def test_what_is_written_is_read_again(agreement: Agreement):
    """Written as a council would, every agreement comes back as it was."""
    if agreement.valid_until >= agreement.valid_from:
        assert agreement_from_json(file_of(agreement)) == agreement


def test_the_standard_agreement_is_one():
    """It covers what the demonstration needs and leaves service improvement to three categories."""
    agreement = agreement_from_json(standard_agreement())

    covered = {
        purpose: {
            c
            for c in Category
            if agreement.receivers(c, Source.SCHOOLS, purpose, Mode.CONTENT) >= set(SERVICES_HERE)
        }
        for purpose in Purpose
    }
    few = {Category.CHILD_HEALTH, Category.EDUCATION, Category.EARLY_HELP}
    assert agreement.is_valid(NOW)
    assert covered == {p: set(Category) for p in Purpose} | {Purpose.SERVICE_IMPROVEMENT: few}


def test_the_standard_agreement_lets_a_service_in_the_community_be_told_three_things():
    """Whom to help, how to speak with them, and why: for early help, and no record besides."""
    agreement = agreement_from_json(standard_agreement())

    told = {
        (c, purpose)
        for c in Category
        for purpose in Purpose
        if Source.COMMUNITY in agreement.receivers(c, Source.SCHOOLS, purpose, Mode.CONTENT)
    }
    three = {Category.IDENTITY_AND_CONTACT, Category.COMMUNICATION_NEEDS, Category.STORY}
    assert told == {(category, Purpose.EARLY_HELP) for category in three}


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"version": None}, "agreement"),
        ({"rules": None}, "agreement"),
        ({NAME: 1}, "agreement"),
        ({"version": NAME}, "version"),
        ({"version": f"{NAME.lower()} 1"}, "version"),
        ({"version": "a-9990000018"}, "version"),
        ({"version": "a" * 41}, "version"),
        ({"version": 1}, "version"),
        ({"title": ""}, "title"),
        ({"title": f"{NAME}\n"}, "title"),
        ({"title": NAME * 30}, "title"),
        ({"title": [NAME]}, "title"),
        ({"parties": []}, "parties"),
        ({"parties": NAME}, "parties"),
        ({"parties": ["a", ""]}, "parties[1]"),
        ({"valid_from": "01/01/2026"}, "valid_from"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"valid_from": 2026}, "valid_from"),
        ({"valid_until": "9999-12-31"}, "valid_until"),
        ({"valid_until": "2025-12-31"}, "valid_until"),
        ({"rules": []}, "rules"),
        ({"rules": RULE}, "rules"),
        ({"rules": [NAME]}, "rules[0]"),
        ({"rules": [RULE] * 201}, "rules"),
        ({"rules": a_rule_with(agencies=None)}, "rules[0]"),
        ({"rules": [RULE, *a_rule_with(**{NAME: 1})]}, "rules[1]"),
        ({"rules": a_rule_with(agencies=[])}, "rules[0].agencies"),
        ({"rules": a_rule_with(agencies=NAME)}, "rules[0].agencies"),
        ({"rules": a_rule_with(agencies=["schools", NAME])}, "rules[0].agencies[1]"),
        ({"rules": a_rule_with(agencies=["schools", "schools"])}, "rules[0].agencies"),
        ({"rules": a_rule_with(categories=[[NAME]])}, "rules[0].categories[0]"),
        ({"rules": a_rule_with(purposes=[None])}, "rules[0].purposes[0]"),
        ({"rules": a_rule_with(sources=[])}, "rules[0].sources"),
        ({"rules": a_rule_with(modes=[])}, "rules[0].modes"),
        ({"rules": a_rule_with(modes=["Content"])}, "rules[0].modes[0]"),
    ],
    ids=str,
)
def test_what_cannot_be_relied_on_is_refused_by_element(more: dict[str, Any], element: str):
    """Nothing is guessed or passed over, and what was written is not repeated."""
    with pytest.raises(AgreementInvalidError) as refusal:
        read(**more)

    assert refusal.value.element == element
    assert NAME.lower() not in str(refusal.value).lower()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[",
        b"[" * 100_000,
        b"null",
        b'"Oyelaran"',
        b'{"version": "a", "version": "b"}',
        b" " * 300_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_such_file_is_refused(text: bytes):
    """Whatever it is."""
    with pytest.raises(AgreementInvalidError, match=r"^agreement: ") as refusal:
        agreement_from_json(text)

    assert NAME not in str(refusal.value)
