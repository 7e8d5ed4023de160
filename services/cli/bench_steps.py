"""What each step of publishing costs by itself: CPU on one core, without the database."""

import gc
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import TypeVar

import orjson

from connectors.health_visiting.generated import GeneratedMessage
from connectors.health_visiting.reader import read_nems
from consent import AccessRequest, OnRecord, SharedProfile
from consent.agreement import AdoptedAgreement
from consent.agreement_reading import agreement_from_json
from consent.answers import Answers
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response, SharingDecision
from schemas.fhir_mapping import bundle_from_records, records_from_bundle, validated_bundle
from schemas.identifiers import DecisionId, PersonId, RecordKey
from schemas.records.message import SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose
from services.adapters.clock import SystemClock
from services.adapters.hashing import KeyedHasher
from services.adapters.sealing import JweSealer
from services.adapters.standard_agreement import standard_agreement
from services.adapters.tokens import tokens_of

_PERSON = PersonId("0" * 32)
_KEY = bytes(32)
Made = TypeVar("Made")
Given = TypeVar("Given")


def step_costs(messages: Sequence[GeneratedMessage]) -> dict[str, float]:
    """Microseconds of CPU for one message, step by step."""
    costs: dict[str, float] = {}
    gc.freeze()  # what the benchmark holds in memory is not part of any step
    hasher = KeyedHasher(_KEY)
    sealer = JweSealer(lambda _: _KEY)
    read = _timed(costs, "parse and map", messages, _read)
    _timed(
        costs, "linking tokens", read, lambda m: [list(tokens_of(s, hasher)) for s in m.subjects]
    )
    now = SystemClock().now()
    agreed = AdoptedAgreement(agreement_from_json(standard_agreement()), now)
    _timed(costs, "decide", read, lambda m: _decide_on(m, agreed, now))
    records = _timed(costs, "keys", read, lambda m: _published(m, hasher))
    bundles = _timed(costs, "build bundle", records, bundle_from_records)
    _timed(costs, "validate FHIR", bundles, validated_bundle)
    plain = _timed(costs, "to JSON", bundles, orjson.dumps)
    sealed = _timed(costs, "encrypt JWE", plain, lambda text: sealer.seal(_PERSON, text))
    opened = _timed(costs, "decrypt JWE", sealed, lambda text: sealer.open(_PERSON, text))
    _timed(
        costs, "from JSON and bundle", opened, lambda text: records_from_bundle(orjson.loads(text))
    )
    return costs


def _timed(
    costs: dict[str, float], name: str, given: Sequence[Given], step: Callable[[Given], Made]
) -> list[Made]:
    for each in given[:20]:
        step(each)
    began = time.process_time()
    made = [step(each) for each in given]
    costs[name] = (time.process_time() - began) / len(given) * 1e6
    return made


def _read(message: GeneratedMessage) -> SourceMessage:
    outcome = next(read_nems(BytesIO(message.xml))).outcome
    if not isinstance(outcome, SourceMessage):
        raise TypeError(f"a generated message is not readable: {outcome.field} {outcome.reason}")
    return outcome


def _decide_on(message: SourceMessage, agreed: AdoptedAgreement, now: datetime) -> list[bool]:
    permit = SharingDecision(
        id=DecisionId("0" * 32),
        subjects=frozenset({_PERSON}),
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE, Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        decided_at=now,
    )
    answers = Answers({_PERSON: OnRecord((permit,), (), (agreed,))})
    return [
        answers.to(
            AccessRequest((_PERSON,), r.category, message.source, SharedProfile(), now)
        ).is_permitted
        for r in message.records
    ]


def _published(message: SourceMessage, hasher: KeyedHasher) -> list[PublishedRecord]:
    return [
        PublishedRecord(
            RecordKey(hasher.opaque("record", message.source, record.source_id)[:32]),
            message.source,
            record.category,
            (_PERSON,),
            message.version.sort_key,
            record.payload,
            record.action,
            record.labels,
        )
        for record in message.records
    ]
