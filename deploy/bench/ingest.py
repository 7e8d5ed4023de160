"""`bench ingest`: generated messages from files to visible in the profile, everything on.

And what each step of publishing costs by itself.
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import orjson
import psutil

from connectors.health_visiting.reader import read_nems
from consent import AccessRequest, OnRecord, SharedProfile
from consent.agreement import AdoptedAgreement
from consent.agreements.reading import agreement_from_json
from consent.deciding.decide import Answers
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response, SharingDecision
from deploy.bench.figures import cpu_of_finished, cpu_so_far
from deploy.bench.invented.health_visiting import GeneratedMessage, generate_messages
from deploy.bench.world import bench_folder, child_with, permit_sharing, served, start_reader
from schemas.fhir_mapping import bundle_from_records, records_from_bundle, validated_bundle
from schemas.identifiers import DecisionId, PersonId, RecordKey
from schemas.records.message import SourceMessage
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Source
from services.bootstrap import Application, DatabaseRole, standard_agreement
from services.cli.output import progress_bar
from services.platform.clock import SystemClock
from services.platform.database.activity import count_waiting
from services.platform.keys.hashing import KeyedHasher, tokens_of
from services.platform.keys.sealing import JweSealer
from services.platform.processes.supervisor import Supervisor
from services.platform.settings import Settings
from services.work import unit_of_work

# Each step by itself: CPU on one core, without the database.

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


_SEED = 20261122
_POLL_SECONDS = 0.25
_LONGEST_SECONDS = 1800

Figure = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Prepared:
    messages: Sequence[GeneratedMessage]
    folders: Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Seconds from the start; records a second once the first were visible; CPU by process."""

    seconds: float
    sustained: float
    cpu: dict[str, float]


def bench_ingest(
    settings: Settings, *, messages: int, readers: int, aggregators: int
) -> dict[str, Any]:
    """Read `messages` files by `readers` processes until every record is in the shared profile.

    Runs in a data folder of its own, which is removed afterwards. Gives the document of
    DESIGN.md section 15: records a second, CPU of each process and each step for a record.
    """
    with bench_folder(settings) as (application, folder):
        prepared = _prepare(application, folder, messages, readers)
        with served(application, ["relay", *["aggregate"] * aggregators]) as supervisor:
            measured = _run(application, prepared, supervisor)
    return _document(settings, prepared, measured, readers=readers, aggregators=aggregators)


def _prepare(application: Application, folder: Path, count: int, readers: int) -> _Prepared:
    messages = list(generate_messages(count, seed=_SEED))
    folders = [folder / f"files-{number}" for number in range(readers)]
    for each in folders:
        each.mkdir(parents=True)
    for index, message in enumerate(messages):
        # a child's messages stay with one reader, as one agency's mailbox would keep them
        (folders[index // 4 % readers] / message.name).write_bytes(message.xml)
    children = {m.nhs_number: m.date_of_birth for m in messages}
    scheme = IdentifierScheme.NHS_NUMBER
    permit_sharing(application, [child_with(scheme, n, born) for n, born in children.items()])
    return _Prepared(messages, folders)


def _run(application: Application, prepared: _Prepared, supervisor: Supervisor) -> _Measured:
    wanted = len(prepared.messages)
    outside = application.outside(DatabaseRole.OWNER)
    before = cpu_so_far(application, supervisor)
    began = time.monotonic()
    source = Source.HEALTH_VISITING
    readers = [start_reader(application, source, folder) for folder in prepared.folders]
    first_seen, first_count = 0.0, 0
    with progress_bar("Records visible", total=wanted) as tell:
        while True:
            with unit_of_work(outside) as work:
                handled, queued = count_waiting(work.connection)
            tell(handled)
            if handled and not first_count:
                first_seen, first_count = time.monotonic(), handled
            if handled >= wanted and queued == 0:
                break
            if time.monotonic() - began > _LONGEST_SECONDS:
                raise TimeoutError("the records did not become visible")
            time.sleep(_POLL_SECONDS)
    ended = time.monotonic()
    sustained = (wanted - first_count) / (ended - first_seen)
    own = {"reading and deciding": sum(map(cpu_of_finished, readers))}
    after = cpu_so_far(application, supervisor)
    cpu = own | {name: after[name] - before[name] for name in after}
    return _Measured(ended - began, sustained, cpu)


def _document(
    settings: Settings,
    prepared: _Prepared,
    measured: _Measured,
    *,
    readers: int,
    aggregators: int,
) -> dict[str, Any]:
    count = len(prepared.messages)
    steps = step_costs(prepared.messages[:400])
    alone = 1e6 / (steps["parse and map"] + steps["validate FHIR"])
    return {
        "name": "ingest",
        "conditions": {
            "messages": count,
            "bytes_a_message": sum(len(m.xml) for m in prepared.messages) // count,
            "bus": settings.bus.split(":")[0],
            "readers": readers,
            "aggregators": aggregators,
            "cores": psutil.cpu_count(),
        },
        "figures": {
            "records a second, sustained": _figure(measured.sustained, "1/s"),
            "records a second, starting up included": _figure(count / measured.seconds, "1/s"),
            "seconds": _figure(measured.seconds, "s"),
            **{
                f"CPU of {name}": _figure(used / count * 1e6, "µs a record")
                for name, used in measured.cpu.items()
            },
            **{f"step: {name}": _figure(cost, "µs a record") for name, cost in steps.items()},
        },
        "baselines": {
            "only parsing, mapping and validating, one core": _figure(alone, "1/s"),
        },
        "ratios": {"records a second, sustained, against the baseline": measured.sustained / alone},
    }


def _figure(value: float, unit: str) -> Figure:
    return {"value": round(value, 1), "unit": unit}
