"""Sharing decisions that say all they can, each time something that a FHIR Consent can hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    InvalidationReason,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.lawfulness import Article9, Gateway
from consent.model import Decider, DeciderKind, Proposal, SharingAct, TakenBack
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category, Purpose
from tests.support.builders import NOW
from tests.support.strategies import decisions

_times = st.integers(0, 10**12).map(lambda n: NOW + timedelta(microseconds=n))
_ids = st.integers(0, 2**128 - 1).map(lambda n: DecisionId(f"{n:032x}"))


def _perhaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _some_of(codes: Any) -> st.SearchStrategy[Any]:
    return st.frozensets(st.sampled_from(codes), min_size=1)


_judgements = st.builds(CompetenceJudgement, judged_by=_ids, judged_at=_times)
_circumstances = st.builds(
    Circumstances,
    channel=_perhaps(st.sampled_from(Channel)),
    interpreted_into=_perhaps(st.sampled_from(["pl", "ur", "bfi"])),
    notice_version=_perhaps(st.sampled_from(["2026-10", "2.1"])),
    evidence=_perhaps(_ids),
    recorded_by=_perhaps(_ids.map(lambda n: f"practitioner:{n}")),
    competence=_perhaps(_judgements),
    presumed_competent=st.booleans(),
    parents_are_not_told=st.booleans(),
    seconded=_perhaps(_judgements),
    present=st.frozensets(st.sampled_from(Present)),
)
_taken_back = st.builds(
    TakenBack,
    by=st.builds(Decider, st.sampled_from(DeciderKind), _ids),
    channel=_perhaps(st.sampled_from(Channel)),
    because=_perhaps(st.sampled_from(RefusalReason)),
)
_changes = st.builds(
    Proposal,
    act=st.sampled_from(SharingAct),
    asked_by=_ids.map(lambda n: f"practitioner:{n}"),
    at=_times,
    until=_times,
    because=_perhaps(st.sampled_from(InvalidationReason)),
    lapse_entered=st.booleans(),
    taken_back=_perhaps(_taken_back),
)
expressible_decisions = st.builds(
    lambda decision, more: replace(decision, **more),
    decisions,
    st.fixed_dictionaries(
        {
            "categories": _some_of(Category),
            "purposes": _some_of(Purpose),
            "until": _perhaps(_times),
            "version": st.integers(1, 1000),
            "invalidated_because": _perhaps(st.sampled_from(InvalidationReason)),
            "superseded_at": _perhaps(_times),
            "superseded_by": _perhaps(_ids),
            "supersedes": _perhaps(_ids),
            "objects_to": _perhaps(_ids),
            "review_at": _perhaps(_times),
            "because": _perhaps(st.sampled_from([*RefusalReason, *NotAskedReason])),
            "article_9": _perhaps(st.sampled_from(Article9)),
            "gateways": st.frozensets(st.sampled_from(Gateway), max_size=3),
            "circumstances": _circumstances,
            "confirmed_by": _perhaps(_ids.map(lambda n: f"practitioner:{n}")),
            "change_asked": _perhaps(_changes),
            "tied_to": _perhaps(_ids),
            "taken_back": _perhaps(_taken_back),
        }
    ),
)
