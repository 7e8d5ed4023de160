"""Sharing decisions as documents, those written before there were circumstances too."""

from dataclasses import fields
from datetime import UTC, datetime

import orjson
from hypothesis import given

from consent.circumstances import Circumstances, NotAskedReason, RefusalReason
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Mode, Response, SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.decisions.documents import decision_from_document, document_from_decision
from tests.support.consents.whole_decisions import whole_decisions

WRITTEN_BY_THE_FIRST_VERSION = (
    b'{"basis":"consent","categories":["child-health"],"decided_at":"2026-03-02T09:30:00+00:00",'
    b'"decider_kind":"parent","decider_reference":"mother",'
    b'"id":"0195558a-7d40-7a3b-8c2d-0123456789ab","invalidated_at":null,"mode":"content",'
    b'"purposes":["direct-care"],"recipients":["agency:schools"],"response":"given",'
    b'"sources":["health-visiting"],"subjects":["c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"],'
    b'"until":"2027-03-02T23:59:59+00:00","version":2,'
    b'"withdrawn_at":"2026-04-01T10:00:00+00:00"}'
)


@given(whole_decisions)
def test_a_decision_comes_back_as_it_was_written(decision: SharingDecision):
    """Every field of it, and the same decision gives the same bytes."""
    document = document_from_decision(decision)

    assert decision_from_document(document) == decision
    assert document_from_decision(decision_from_document(document)) == document


def test_a_document_of_the_first_version_is_still_read():
    """What it could not say was not told."""
    found = decision_from_document(WRITTEN_BY_THE_FIRST_VERSION)

    assert found == SharingDecision(
        id=DecisionId("0195558a-7d40-7a3b-8c2d-0123456789ab"),
        subjects=frozenset({PersonId("c0" * 16)}),
        response=Response.GIVEN,
        categories=frozenset({Category.CHILD_HEALTH}),
        purposes=frozenset({Purpose.DIRECT_CARE}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        decided_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        recipients=frozenset({"agency:schools"}),
        sources=frozenset({Source.HEALTH_VISITING}),
        mode=Mode.CONTENT,
        until=datetime(2027, 3, 2, 23, 59, 59, tzinfo=UTC),
        withdrawn_at=datetime(2026, 4, 1, 10, tzinfo=UTC),
        version=2,
    )
    assert found.circumstances == Circumstances()


def test_nothing_that_a_decision_has_is_left_out():
    """A field that is added to the model must be added to the document."""
    document = orjson.loads(
        document_from_decision(decision_from_document(WRITTEN_BY_THE_FIRST_VERSION))
    )

    decided_by = {"decider_kind", "decider_reference"}
    names = {field.name for field in fields(SharingDecision)} - {"decided_by"}
    assert document.keys() == names | decided_by
    assert document["circumstances"].keys() == {field.name for field in fields(Circumstances)}


def test_no_two_reasons_share_a_code():
    """One field holds why a family refused or was not asked; the code tells which."""
    codes = [reason.value for kind in (RefusalReason, NotAskedReason) for reason in kind]

    assert len(codes) == len(set(codes))
