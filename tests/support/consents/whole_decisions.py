"""Every decision that a document must hold, whether or not it makes sense."""

from datetime import UTC, datetime

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
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import (
    Decider,
    DeciderKind,
    Mode,
    Proposal,
    Response,
    SharingAct,
    SharingDecision,
    TakenBack,
)
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source

_times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis adds the zone
_ids = st.uuids().map(str)
_texts = st.text(min_size=1, max_size=12)

_judgements = st.builds(CompetenceJudgement, judged_by=_ids, judged_at=_times)
_circumstances = st.builds(
    Circumstances,
    channel=st.none() | st.sampled_from(Channel),
    interpreted_into=st.none() | _texts,
    notice_version=st.none() | _texts,
    evidence=st.none() | _ids,
    recorded_by=st.none() | _texts,
    competence=st.none() | _judgements,
    presumed_competent=st.booleans(),
    parents_are_not_told=st.booleans(),
    seconded=st.none() | _judgements,
    present=st.frozensets(st.sampled_from(Present)),
)
_taken_back = st.none() | st.builds(
    TakenBack,
    by=st.builds(Decider, st.sampled_from(DeciderKind), _texts),
    channel=st.none() | st.sampled_from(Channel),
    because=st.none() | st.sampled_from(RefusalReason),
)
_proposals = st.none() | st.builds(
    Proposal,
    act=st.sampled_from(SharingAct),
    asked_by=_texts,
    at=_times,
    until=_times,
    because=st.none() | st.sampled_from(InvalidationReason),
    lapse_entered=st.booleans(),
    taken_back=_taken_back,
)
whole_decisions = st.builds(
    SharingDecision,
    id=_ids.map(DecisionId),
    subjects=st.frozensets(_ids.map(PersonId), min_size=1, max_size=3),
    response=st.sampled_from(Response),
    categories=st.frozensets(st.sampled_from(Category)),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    basis=st.sampled_from(Basis),
    decided_by=st.builds(Decider, st.sampled_from(DeciderKind), _texts),
    decided_at=_times,
    recipients=st.frozensets(_texts, max_size=3),
    sources=st.frozensets(st.sampled_from(Source)),
    mode=st.sampled_from(Mode),
    until=st.none() | _times,
    withdrawn_at=st.none() | _times,
    invalidated_at=st.none() | _times,
    version=st.integers(1, 99),
    invalidated_because=st.none() | st.sampled_from(InvalidationReason),
    superseded_at=st.none() | _times,
    superseded_by=st.none() | _ids.map(DecisionId),
    review_at=st.none() | _times,
    because=st.none() | st.sampled_from([*RefusalReason, *NotAskedReason]),
    article_9=st.none() | st.sampled_from(Article9),
    gateways=st.frozensets(st.sampled_from(Gateway)),
    circumstances=_circumstances,
    supersedes=st.none() | _ids.map(DecisionId),
    objects_to=st.none() | _ids.map(DecisionId),
    proposed=_proposals,
    confirmed_at=st.none() | _times,
    confirmed_by=st.none() | _texts,
    change_asked=_proposals,
    tied_to=st.none() | _ids.map(DecisionId),
    recorded_at=st.none() | _times,
    taken_back=_taken_back,
)
