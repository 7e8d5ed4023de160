"""`bench decide`: how many answers a second on compiled decisions, and what compiling costs."""

import argparse
import gc
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from random import Random
from statistics import median
from typing import Any

from consent import AccessRequest, CompiledRecord, decide
from consent.agreement import AdoptedAgreement
from consent.agreements.reading import agreement_from_json
from consent.model import Mode
from deploy.bench.decide_cedar import CedarFamily, cedar_question, cedarpy
from deploy.bench.decide_families import (
    NOW,
    Family,
    make_families,
    questions_for_one,
    questions_for_the_profile,
)
from services.bootstrap import standard_agreement
from services.cli.output import FAILED, print_document

_SEED = 20261122
_PASSES = 5
_PERMIT_ALL = "permit (principal, action, resource);"
_EQUIVALENCE = (
    "one policy set a family, written from the same decisions, restrictions, relationships, roles "
    "and agreement as they stand at the moment; asked in batches of pre-parsed policies and "
    "entities and ready-made requests; about one person each, without reasons, obligations or "
    "review"
)

Figure = dict[str, float | str]
Asked = Sequence[tuple[Family, Sequence[AccessRequest]]]


def add_decide_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `bench decide` takes."""
    parser.add_argument("--families", type=int, default=200)
    parser.add_argument(
        "--questions", type=int, default=100, help="of each family and kind, all different"
    )


def run_bench_decide(args: argparse.Namespace) -> int:
    """Measure and print the bench document; exit code 1 if Cedar answers otherwise."""
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it imports this module

    document = bench_decide(families=args.families, questions=args.questions)
    print_document(args, document, plain=plain_of(document))
    return FAILED if document["conditions"].get("different answers") else 0


def bench_decide(*, families: int, questions: int) -> dict[str, Any]:
    """Ask everything several times over; gives the bench document.

    No answer is kept: each pass decides each question anew, from what was compiled before.
    """
    gc.freeze()  # else before each pass all is looked through that this process ever made
    try:
        return _measured(families, questions)
    finally:
        gc.unfreeze()


def _measured(families: int, questions: int) -> dict[str, Any]:
    agreed = AdoptedAgreement(agreement_from_json(standard_agreement()), NOW.replace(month=1))
    made = make_families(families, agreed=agreed, seed=_SEED)
    random = Random(_SEED)
    compared: dict[str, Asked] = {
        f"{mode.value} for a practitioner": [
            (f, questions_for_one(f, questions, mode=mode, random=random)) for f in made
        ]
        for mode in (Mode.CONTENT, Mode.EXISTENCE)
    }
    profile = [(f, questions_for_the_profile(f, questions, random)) for f in made]
    figures = _figures("shared profile", profile)
    for name, asked in compared.items():
        figures |= _figures(name, asked)
    baselines, different = _baselines(compared)
    return {
        "name": "decide",
        "conditions": _conditions(made, profile) | different,
        "figures": figures,
        "baselines": baselines,
        "ratios": {
            f"{name}, against cedarpy": _ratio(figures[name], baselines[f"cedarpy, {name}"])
            for name in compared
            if baselines
        },
    }


def _figures(name: str, asked: Asked) -> dict[str, Figure]:
    """The rate on what is compiled, the rate where each pass compiles anew, and the difference."""
    compiled = [CompiledRecord(family.on_record) for family, _ in asked]
    count = sum(len(own) for _, own in asked)

    def ask(records: Iterable[CompiledRecord]) -> None:
        for record, (_, own) in zip(records, asked, strict=True):
            for request in own:
                decide(request, record)

    ask(compiled)
    later = _median_seconds(lambda: ask(compiled))
    anew = _median_seconds(lambda: ask(CompiledRecord(f.on_record) for f, _ in asked))
    return {
        name: _figure(count / later, "answers/s"),
        f"{name}, compiling included": _figure(count / anew, "answers/s"),
        f"{name}, compiling": _figure((anew - later) / len(compiled) * 1e6, "µs/family"),
    }


def _baselines(compared: dict[str, Asked]) -> tuple[dict[str, Figure], dict[str, int]]:
    """Cedar's rates, and on how many questions it answers otherwise; nothing without cedarpy."""
    module = cedarpy()
    if module is None:
        return {}, {}
    found: dict[str, Figure] = {}
    different = 0
    for name, asked in compared.items():
        figures, differences = _cedar(f"cedarpy, {name}", asked, module)
        found |= figures
        different += differences
    (_, own), *_ = next(iter(compared.values()))
    found["cedarpy, one policy that permits everything"] = _bare(module, own)
    count = sum(len(own) for asked in compared.values() for _, own in asked)
    return found, {"questions compared": count, "different answers": different}


def _cedar(name: str, asked: Asked, module: Any) -> tuple[dict[str, Figure], int]:
    """Cedar's rate on these questions, what parsing takes, and how many it answers otherwise."""
    began = time.process_time()
    families = [CedarFamily.of(family, module) for family, _ in asked]
    parsing = time.process_time() - began
    questions = [[cedar_question(request) for request in own] for _, own in asked]

    def ask() -> list[list[bool]]:
        return [cedar.ask(own) for cedar, own in zip(families, questions, strict=True)]

    different = _differences(asked, ask())
    count = sum(map(len, questions))
    return {
        name: _figure(count / _median_seconds(ask), "answers/s"),
        f"{name}, parsing": _figure(parsing / len(families) * 1e6, "µs/family"),
    }, different


def _bare(module: Any, asked: Sequence[AccessRequest]) -> Figure:
    """What the way into Cedar and back costs by itself."""
    questions = [cedar_question(request) for request in asked]
    policies, entities = module.PolicySet.from_str(_PERMIT_ALL), module.Entities.from_json_str("[]")
    seconds = _median_seconds(lambda: module.is_authorized_batch(questions, policies, entities))
    return _figure(len(questions) / seconds, "answers/s")


def _differences(asked: Asked, answers: Sequence[Sequence[bool]]) -> int:
    return sum(
        decide(request, family.on_record).is_permitted is not answer
        for (family, own), theirs in zip(asked, answers, strict=True)
        for request, answer in zip(own, theirs, strict=True)
    )


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def _median_seconds(work: Callable[[], object]) -> float:
    return median(_seconds(work) for _ in range(_PASSES))


def _conditions(families: Sequence[Family], asked: Asked) -> dict[str, Any]:
    module, family = cedarpy(), families[0]
    return {
        "python": platform.python_version(),
        "measured": f"CPU time of one process, median of {_PASSES} passes",
        "families": len(families),
        "persons a family": len(family.persons),
        "decisions a family": len(family.on_record.decisions),
        "restrictions a family": len(family.on_record.restrictions),
        "questions a family and kind": f"{len(asked[0][1])}, all different, ready-made",
        "answers kept from pass to pass": "none",
        "cedarpy": "not installed: no baseline" if module is None else version("cedarpy"),
        "cedar policies": _EQUIVALENCE,
    }


def _ratio(figure: Figure, baseline: Figure) -> float:
    return round(float(figure["value"]) / float(baseline["value"]), 2)


def _figure(value: float, unit: str) -> Figure:
    return {"value": round(value, 1), "unit": unit}
