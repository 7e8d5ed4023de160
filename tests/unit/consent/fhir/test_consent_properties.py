"""What holds for any consents: they agree with an oracle, and a denial never widens."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.deciding.words import CombiningAlgorithm
from consent.fhir import (
    ConsentDecision,
    Data,
    Question,
    consent_from_json,
    decide_by_consents,
    obligations_of,
)
from consent.fhir.question import ConsentAction
from consent.fhir.vocabulary import ACT_CODE, ACT_REASON, CONFIDENTIALITY, RESOURCE_TYPES, Code
from tests.support.consents.fhir_consents import a_consent, an_actor
from tests.support.oracles.naive_consents import Item, is_let_through, naive_decision

ACTORS = ("Practitioner/a", "Practitioner/b")
PURPOSES = ("TREAT", "HRESCH")
CLASSES = ("Observation", "Condition")
_LABELS = [{"system": CONFIDENTIALITY, "code": c} for c in ("M", "N", "R")]
_LABELS += [{"system": ACT_CODE, "code": c} for c in ("PSY", "HIV")]
ITEMS: list[Item] = [
    {"labels": labels, "class": kind}
    for labels in ([], ["N"], ["R"], ["V"], ["PSY"], ["N", "PSY"], ["R", "HIV"], ["M", "N"])
    for kind in CLASSES
]


def _some(values: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique_by=str)


def _provisions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(["permit", "deny"])},
        optional={
            "actor": _some([an_actor(actor) for actor in ACTORS]),
            "purpose": _some([{"system": ACT_REASON, "code": p} for p in PURPOSES]),
            "securityLabel": _some(_LABELS),
            "class": _some([{"system": RESOURCE_TYPES, "code": c} for c in CLASSES]),
            "provision": st.lists(inner, min_size=1, max_size=2),
        },
    )


provisions = st.recursive(_provisions(st.nothing()), _provisions, max_leaves=5)
consents = st.builds(
    lambda provision, day: a_consent(dateTime=day) | {"provision": provision},
    provisions,
    st.sampled_from(["2025-01-01", "2025-02-01", "2025-03-01"]),
)
worlds = st.lists(consents, min_size=1, max_size=3)
algorithms = st.sampled_from(CombiningAlgorithm)


def _question(item: Item | None, actor: str, purpose: str) -> Question:
    data = Data()
    if item is not None:
        systems = dict.fromkeys("ULMNRV", CONFIDENTIALITY)
        labels = frozenset(Code(systems.get(c, ACT_CODE), c) for c in item["labels"])
        data = Data(labels=labels, classes=frozenset({Code(RESOURCE_TYPES, item["class"])}))
    return Question(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        patients=frozenset({"Patient/p1"}),
        actors=frozenset({actor}),
        purposes=frozenset({Code(ACT_REASON, purpose)}),
        actions=frozenset({ConsentAction.ACCESS, ConsentAction.DISCLOSE}),
        data=data,
    )


def _decide(
    world: list[dict[str, Any]], question: Question, algorithm: CombiningAlgorithm
) -> ConsentDecision:
    return decide_by_consents(question, [consent_from_json(c) for c in world], algorithm)


@settings(max_examples=150)
@given(worlds, algorithms, st.sampled_from(ACTORS), st.sampled_from(PURPOSES))
def test_every_item_of_data_is_decided_as_the_oracle_decides(
    world: list[dict[str, Any]], algorithm: CombiningAlgorithm, actor: str, purpose: str
):
    """Of data that is fully described the answer is whole: nothing is left to enforce."""
    for item in ITEMS:
        decision = _decide(world, _question(item, actor, purpose), algorithm)

        expected = naive_decision(world, item, actor=actor, purpose=purpose, algorithm=algorithm)
        assert decision.is_permitted is expected
        assert not decision.is_permitted or obligations_of(decision.permitted) == []


@settings(max_examples=150)
@given(worlds, algorithms, st.sampled_from(ACTORS), st.sampled_from(PURPOSES))
def test_what_is_left_to_enforce_lets_through_what_would_be_permitted(
    world: list[dict[str, Any]], algorithm: CombiningAlgorithm, actor: str, purpose: str
):
    """Deciding first and enforcing later is deciding about each item; also of what a no names."""
    decision = _decide(world, _question(None, actor, purpose), algorithm)
    obligations = obligations_of(decision.permitted)

    for item in ITEMS:
        expected = naive_decision(world, item, actor=actor, purpose=purpose, algorithm=algorithm)
        passes = bool(decision.permitted) and is_let_through(obligations, item)
        assert passes is expected


@given(worlds, algorithms, st.sampled_from(ITEMS), st.randoms())
def test_the_order_of_the_documents_does_not_matter(
    world: list[dict[str, Any]], algorithm: CombiningAlgorithm, item: Item, random: Any
):
    """They are a set."""
    question = _question(item, ACTORS[0], PURPOSES[0])
    shuffled = random.sample(world, len(world))

    first, second = _decide(world, question, algorithm), _decide(shuffled, question, algorithm)

    assert (first.effect, first.told) == (second.effect, second.told)


@given(worlds, provisions, st.sampled_from(ITEMS))
def test_under_deny_overrides_another_denial_never_widens(
    world: list[dict[str, Any]], provision: dict[str, Any], item: Item
):
    """Without exceptions of its own, which would be permissions."""
    denial = {k: v for k, v in provision.items() if k != "provision"} | {"type": "deny"}
    more = [*world, a_consent() | {"provision": denial}]
    question = _question(item, ACTORS[0], PURPOSES[0])

    with_denial = _decide(more, question, CombiningAlgorithm.DENY_OVERRIDES)

    before = _decide(world, question, CombiningAlgorithm.DENY_OVERRIDES)
    assert before.is_permitted or not with_denial.is_permitted


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_no_document_permits_nothing(algorithm: CombiningAlgorithm):
    """Trivially false."""
    assert not _decide([], _question(ITEMS[0], ACTORS[0], PURPOSES[0]), algorithm).is_permitted
