"""`bench mutate`: whatever comes becomes a message or a reason, soon, in little memory."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bench.figures import Figure, figure
from deploy.bench.mutating.publishing import children_in, publish_all
from deploy.bench.mutating.running import (
    ALLOWED,
    Allowed,
    Finding,
    Mutated,
    Result,
    judge_apart,
)
from deploy.bench.mutating.seeds import Format, formats_of
from deploy.bench.world import bench_folder, permit_sharing
from schemas.vocabulary import Source
from services.bootstrap import DatabaseRole
from services.cli.output import progress_bar
from services.platform.settings import Settings


@dataclass(frozen=True, slots=True)
class Mutation:
    """What was asked: formats, and of each so many inputs from the seed's `first` on.

    The first `published` of them are taken in on a database of their own too.
    """

    forms: Sequence[Format]
    seed: int
    first: int
    count: int
    published: int


def forms_asked(source: Source, only: Sequence[Format]) -> Sequence[Format]:
    """The formats of a source, or those of them that were named."""
    return [form for form in formats_of(source) if not only or form in only]


def bench_mutate(
    settings: Settings, asked: Mutation, *, allowed: Allowed = ALLOWED
) -> dict[str, Any]:
    """Give the document of DESIGN.md section 15, with what became of inputs and what may not be.

    Inputs at fault lie in the folder that is told; with none it is removed.
    """
    folder = Path(tempfile.mkdtemp(prefix="tell-once-mutated-"))
    told = {
        form: _judged(Mutated(form, asked.seed, asked.first, asked.count), folder, allowed)
        for form in asked.forms
    }
    if asked.published:
        _publish(settings, asked, told, folder)
    faults = [_fault(form, asked, one) for form, result in told.items() for one in result.findings]
    if not faults:
        folder.rmdir()
    return {
        "name": "mutate",
        "conditions": {
            "seed": asked.seed,
            "first": asked.first,
            "inputs": asked.count,
            "published": asked.published,
            "longest_seconds": allowed.seconds,
            "most_mib": allowed.mib,
        },
        "figures": {n: f for form, result in told.items() for n, f in _figures(form, result)},
        "baselines": {},
        "ratios": {},
        "became": {form.value: dict(r.became.most_common()) for form, r in told.items()},
        "faults": faults,
    }


def _judged(mutated: Mutated, folder: Path, allowed: Allowed) -> Result:
    with progress_bar(f"Damaging {mutated.form}", total=mutated.count) as tell:
        return judge_apart(mutated, folder, tell, allowed=allowed)


def _publish(settings: Settings, asked: Mutation, told: dict[Format, Result], folder: Path) -> None:
    """On one database, as they would come one after another."""
    with ExitStack() as stack:
        application, _ = stack.enter_context(bench_folder(settings))
        outside = application.outside(DatabaseRole.CONNECTORS)
        for form in asked.forms:
            permit_sharing(application, children_in(form))
            most = min(asked.published, asked.count)
            found = publish_all(Mutated(form, asked.seed, asked.first, most), outside, folder)
            told[form].faults.update(found.faults)
            told[form].findings += found.findings
            told[form].became.update({f"{what} (taken in)": n for what, n in found.became.items()})


def _figures(form: Format, result: Result) -> list[tuple[str, Figure]]:
    seconds = max(result.cpu_seconds, 1e-9)
    return [
        (f"{form} inputs judged", figure(result.judged, "inputs")),
        (f"{form} inputs a second", figure(result.judged / seconds, "1/s of CPU")),
        (f"{form} slowest input", figure(result.slowest[0] * 1000, "ms of CPU")),
        (f"{form} most memory", figure(result.heaviest[0], "MiB")),
        (f"{form} inputs at fault", figure(result.faults.total(), "inputs")),
    ]


def _fault(form: Format, asked: Mutation, found: Finding) -> dict[str, Any]:
    repeat = f"--only {form} --seed {asked.seed} --first {found.number} --count 1"
    return {
        "format": form.value,
        "input": found.number,
        "what": found.what,
        "file": found.file,
        "repeat": f"tell-once bench mutate {form.source} {repeat}",
    }


def faults_in_words(document: dict[str, Any]) -> str:
    """What became of inputs, and each that may not be with how to see it again, in lines."""
    lines = []
    for form, became in document["became"].items():
        lines.append(
            f"  {form} became: " + ", ".join(f"{n:,} {what}" for what, n in became.items())
        )
    for one in document["faults"]:
        lines += [f"  FAULT {one['format']} {one['input']}: {one['what']}", f"    {one['file']}"]
        lines.append(f"    again: {one['repeat']}")
    return "\n".join(lines)
