"""`bench profile`: reading one family of four persons and a hundred records, among very many."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from deploy.bench.copied_families import Likeness, add_families, count_records, id_in, settle
from deploy.bench.figures import Figure, cpu_of_database, figure, ratio
from deploy.bench.one_family import RECORDS, VISITOR, make_family
from deploy.bench.world import bench_folder
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import progress_bar
from services.interfaces.families.bundle import represented
from services.interfaces.families.negotiation import MediaType
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.profile.model import Profile
from services.profile.opening import view_family
from services.profile.reading import read_opened, read_profile
from services.profile.viewing import ReadProfile
from services.work import unit_of_work

SMALL = 100_000
_SEED = 20261122
_WARMING = 50
_READS = 500
_KEPT = "bench-profile.json"


def bench_profile(settings: Settings, *, records: int, reuse: bool) -> dict[str, Any]:
    """Read random families among 100,000 records, and among `records`.

    With `reuse` the data folder of the settings is filled up and left; what it measured when it
    held 100,000 it remembers. Otherwise one of its own is made and removed. Gives the document of
    DESIGN.md section 15.
    """
    with _application(settings, reuse=reuse) as application:
        outside = application.outside(DatabaseRole.OWNER)
        kept = application.settings.data / _KEPT
        likeness = make_family(outside)
        held = count_records(outside)
        small = _small(application, likeness, kept, held, records)
        large = _measured(application, likeness, records)
    return _document(records, small, large)


@contextmanager
def _application(settings: Settings, *, reuse: bool) -> Iterator[Application]:
    if reuse:
        with opened(settings) as application:
            yield application
    else:
        with bench_folder(settings) as (application, _):
            yield application


def _small(
    application: Application, likeness: Likeness, kept: Path, held: int, records: int
) -> dict[str, Figure]:
    """What reading costs among 100,000: measured now, or when there were no more."""
    if kept.exists():
        found: dict[str, Figure] = json.loads(kept.read_text())
        return found
    if held > 2 * SMALL:
        raise ValueError("the data folder holds more than 100,000 records; begin with an empty one")
    found = _measured(application, likeness, min(SMALL, records))
    kept.write_text(json.dumps(found))
    return found


def _measured(application: Application, likeness: Likeness, records: int) -> dict[str, Figure]:
    families = records // RECORDS
    _fill(application, likeness, families)
    chosen = random.Random(_SEED)

    def read(times: int) -> list[float]:
        return [_read(application, likeness, chosen.randrange(1, families)) for _ in range(times)]

    read(_WARMING)
    leave_what_is_loaded()  # as the service does
    own, database = time.process_time(), cpu_of_database(application)
    seconds = sorted(read(_READS))
    own, database = time.process_time() - own, cpu_of_database(application) - database
    asked = sorted(_ask(application, chosen.randrange(1, families)) for _ in range(_READS))
    return {
        "may open, median": figure(asked[_READS // 2] * 1e3, "ms"),
        "may open, p99": figure(asked[_READS * 99 // 100] * 1e3, "ms"),
        "reading one family, median": figure(seconds[_READS // 2] * 1e3, "ms"),
        "reading one family, p99": figure(seconds[_READS * 99 // 100] * 1e3, "ms"),
        "CPU of the service": figure(own / _READS * 1e3, "ms"),
        "CPU of postgresql": figure(database / _READS * 1e3, "ms"),
        **_by_steps(application, [chosen.randrange(1, families) for _ in range(_WARMING)]),
    }


def _fill(application: Application, likeness: Likeness, families: int) -> None:
    outside = application.outside(DatabaseRole.OWNER)
    first = max(1, count_records(outside) // RECORDS)
    with progress_bar("Records", total=(families - first) * RECORDS) as tell:
        add_families(outside, likeness, range(first, families), tell=tell)
    settle(outside)


def _read(application: Application, likeness: Likeness, family: int) -> float:
    """Seconds of one reading, until the look is durable; raises ValueError if it shows less."""
    order = _order(family)
    began = time.perf_counter()
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        answer = read_profile(order, reading=work.reading())
    took = time.perf_counter() - began
    if not isinstance(answer, Profile) or len(answer.people) != len(likeness.persons):
        raise ValueError(f"family {family} is not shown: {answer}")
    return took


def _by_steps(application: Application, families: Sequence[int]) -> dict[str, Figure]:
    """The CPU of the service for what follows once it is decided what may be shown, by median.

    `opening` is of what is sealed, `merging` all from there to the profile, with the entry of the
    look; each is done twice in one transaction, as nobody reads it.
    """
    steps: dict[str, list[float]] = {"opening": [], "merging": [], "JSON": []}
    for family in families:
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            reading = work.reading()
            viewing, found = view_family(_order(family), opening=reading.opening())
            decided = [(record, viewing.ask(record)) for record in found]
            permitted = [(record, said) for record, said in decided if said.is_permitted]
            records = [record for record, _ in permitted]
            list(reading.records.contents(records))  # keys are read with the first
            began = time.process_time()
            list(reading.records.contents(records))
            opened_at = time.process_time()
            profile = read_opened(viewing, permitted, (), reading)
            merged_at = time.process_time()
            represented(profile, MediaType.JSON)
            done_at = time.process_time()
        steps["opening"].append(opened_at - began)
        steps["merging"].append((merged_at - opened_at) - (opened_at - began))
        steps["JSON"].append(done_at - merged_at)
    return {
        f"CPU of {step}": figure(sorted(took)[len(took) // 2] * 1e3, "ms")
        for step, took in steps.items()
    }


def _order(family: int) -> ReadProfile:
    child = PersonId(id_in(family, 0))
    return ReadProfile(child, VISITOR, "practitioner", Source.HEALTH_VISITING, Purpose.DIRECT_CARE)


def _ask(application: Application, family: int) -> float:
    """Seconds of asking whether a family may be opened, there and back; the transaction apart."""
    child = PersonId(id_in(family, 0))
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        began = time.perf_counter()
        found = work.relationships.may_open(VISITOR, [child])
        took = time.perf_counter() - began
    if not found[child].relationships:
        raise ValueError(f"family {family} may not be opened")
    return took


def _document(records: int, small: dict[str, Figure], large: dict[str, Figure]) -> dict[str, Any]:
    names: Sequence[str] = [name for name in large if name in small]
    return {
        "name": "profile",
        "conditions": {
            "records": records,
            "records of one family": RECORDS,
            "reads": _READS,
            "cores": psutil.cpu_count(),
        },
        "figures": large,
        "baselines": {f"{name}, among {SMALL:,} records": small[name] for name in names},
        "ratios": {
            f"{name}, against 100,000 records": ratio(large[name], small[name]) for name in names
        },
    }
