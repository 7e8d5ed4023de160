"""Some of the damaged inputs through all of publishing, on a real database."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from deploy.bench.mutating.judging import MESSAGE, NOTHING, fault_of
from deploy.bench.mutating.running import Finding, Mutated, Result, input_of
from deploy.bench.mutating.seeds import Format, read, seeds_of
from schemas.records.message import SourceMessage, Subject
from schemas.vocabulary import Disposition
from services.work import Outside
from services.workers.files.reading import FileDisposition, ingest


def publish_all(mutated: Mutated, outside: Outside, folder: Path) -> Result:
    """Take each in as a file of its own; gives what became of the messages in them."""
    result, seeds = Result(), seeds_of(mutated.form)
    for number in range(mutated.first, mutated.first + mutated.count):
        path = folder / f"{mutated.form}-{mutated.seed}-{number}"
        path.write_bytes(input_of(mutated, number, seeds))
        became, fault = _taken_in(mutated.form, path, outside)
        result.judged += 1
        result.became.update(became)
        if fault is None:
            path.unlink()
        else:
            result.faults[fault] += 1
            result.findings.append(Finding(number, fault, str(path)))
    return result


def children_in(form: Format) -> Sequence[Subject]:
    """Whom the undamaged messages are about, by number: of birthdays they say several."""
    found: dict[str, Subject] = {}
    for seed in seeds_of(form):
        for received in read(form, seed):
            if isinstance(received.outcome, SourceMessage):
                child = received.outcome.subjects[0]
                number = next((i for i in child.identifiers if i.is_verified), None)
                if number is not None:
                    found[number.value] = Subject("child", (number,))
    return [found[number] for number in sorted(found)]


def _taken_in(form: Format, path: Path, outside: Outside) -> tuple[Counter[str], str | None]:
    became: Counter[str] = Counter()
    try:
        rows = list(ingest(form.source, [path], outside=outside))
    except Exception as error:  # noqa: BLE001 the door of this bench: any of them is a finding
        return became, f"publishing raised {type(error).__name__}"
    for row in rows:
        became[row.message.disposition.value] += 1
        fault = _fault_in(row)
        if fault is not None:
            return became, fault
    if rows or form is Format.CSC:
        return became or Counter({NOTHING: 1}), None
    return became, "nothing was said of it"


def _fault_in(row: FileDisposition) -> str | None:
    """Why a message is parked is judged as it was; of the others no value may be told."""
    told = row.message
    if told.disposition is not Disposition.PARKED:
        return fault_of(told.reason or MESSAGE, MESSAGE, told.message_id)
    field, _, reason = (told.reason or "").partition(": ")
    return fault_of(field, reason, told.message_id)
