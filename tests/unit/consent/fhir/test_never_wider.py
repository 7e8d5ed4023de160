"""Whoever reads our decisions as plain FHIR Consents is never let through further than by us."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import AccessRequest, decide
from consent.lawfulness import Basis
from consent.model import Mode, SharingDecision
from schemas.records.published import NOT_KEPT
from schemas.vocabulary import OPENS_FAMILY_RECORDS, Label, Purpose, Role, Source
from tests.support.builders import (
    DAY,
    FATHER,
    NOW,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_relationship,
    a_request,
    a_teacher,
    on_record,
)
from tests.support.consents.asking_written_consents import are_permitted_by
from tests.support.strategies import CATEGORIES, PERSONS, decisions, practitioner_requests

_broad = decisions.map(
    lambda decision: replace(
        decision,
        subjects=frozenset(PERSONS),
        categories=frozenset(CATEGORIES),
        purposes=frozenset(Purpose),
        recipients=frozenset(),
    )
)
"""Decisions that cover whatever is asked, or requests would mostly ask about nothing decided."""
_few = st.lists(decisions | _broad, min_size=1, max_size=4, unique_by=lambda d: d.id)


def _related(request: AccessRequest, purpose: Purpose) -> AccessRequest:
    """The same request of somebody with a relationship to everybody, so that decisions speak.

    Whom a family keeps one record to stands on that record, never in a Consent, and so does that a
    source protects the place it tells; nor does it say which roles work with families at all.
    """
    who: Any = request.recipient
    relationships = tuple(a_relationship(who.id, person) for person in PERSONS)
    role = who.role if who.role in OPENS_FAMILY_RECORDS else Role.PRACTITIONER
    recipient = replace(who, role=role, relationships=relationships)
    purpose = request.purpose or purpose
    labels = request.labels - {Label.PROTECTED_LOCATION}
    return replace(request, recipient=recipient, purpose=purpose, kept_to=NOT_KEPT, labels=labels)


@settings(max_examples=1000, deadline=None)
@given(_few, practitioner_requests)
def test_what_the_consents_permit_our_decisions_permit(
    made: list[SharingDecision], request: AccessRequest
):
    """Without our extensions, for any decisions together, at any time, in both modes."""
    asked = _related(request, Purpose.DIRECT_CARE)

    if are_permitted_by(made, asked):
        assert decide(asked, on_record(*made)).is_permitted


@pytest.mark.parametrize(
    ("decision", "more", "expected"),
    [
        (a_permit(), {}, True),
        (a_permit(recipients=["agency:health-visiting"]), {}, True),
        (a_permit(recipients=["agency:schools"]), {}, False),
        (a_permit(sources=[Source.SCHOOLS]), {}, False),
        (a_permit(), {"mode": Mode.EXISTENCE}, True),
        (a_permit(mode=Mode.EXISTENCE), {}, False),
        (a_permit(mode=Mode.EXISTENCE), {"mode": Mode.EXISTENCE}, True),
        (a_duty(), {"purpose": Purpose.SAFEGUARDING}, True),
        (a_duty(purpose=tuple(Purpose)), {}, False),
        (a_permit(basis=Basis.VITAL_INTERESTS), {}, False),
        (a_permit(until=NOW), {}, False),
        (a_permit(until=NOW + DAY), {}, True),
        (a_permit(decided_at=NOW + DAY), {}, False),
        (a_refusal(mode=Mode.CONTENT), {}, False),
    ],
)
def test_a_consent_permits_what_its_decision_does(
    decision: SharingDecision,
    more: dict[str, Any],
    expected: bool,  # noqa: FBT001
):
    """To be never wider it must not be empty either."""
    request = a_request(**more)

    assert are_permitted_by([decision], request) is expected
    assert decide(request, on_record(decision)).is_permitted is expected


def test_a_permission_for_everyone_is_for_those_with_a_relationship():
    """In IHE PCF a consent without an actor is for all in the community."""
    ended = a_relationship(until=NOW - DAY)

    assert not are_permitted_by([a_permit()], a_request(a_health_visitor(ended)))
    assert are_permitted_by([a_permit()], a_request(a_teacher()))


def test_a_withdrawal_stands_against_the_permission_of_another():
    """FHIR's `inactive` would let the other's permission through."""
    withdrawn, of_father = a_permit(withdrawn_at=NOW - DAY), a_permit(id="d9" * 16)
    of_father = replace(of_father, decided_by=FATHER)

    assert not are_permitted_by([withdrawn, of_father], a_request())
    assert are_permitted_by([replace(withdrawn, withdrawn_at=None), of_father], a_request())


def test_what_was_replaced_says_nothing_more_even_if_it_was_withdrawn():
    """What was said in its place counts."""
    replaced = a_permit(withdrawn_at=NOW - 2 * DAY, superseded_at=NOW - DAY)
    later = a_permit(id="d9" * 16, decided_at=NOW - DAY)

    assert are_permitted_by([replaced, later], a_request())
    assert not are_permitted_by([replaced], a_request())
