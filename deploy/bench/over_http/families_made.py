"""Data folders with so many families: made by several processes, and kept if that is asked for."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from deploy.bench.copied_families import Likeness, add_families, families_missing, settle
from deploy.bench.one_family import RECORDS, make_family
from deploy.bench.world import bench_folder
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import progress_bar
from services.platform.settings import Settings

_LOT = 500
_BY_ITSELF = 1000
_PROCESSES = 2


@contextmanager
def folder_of(settings: Settings, data: Path | None) -> Iterator[Application]:
    """The folder that is named, which is left as it is at the end; or one that is removed."""
    if data is None:
        with bench_folder(settings) as (application, _):
            yield application
    else:
        with opened(settings.model_copy(update={"data": data, "database": None})) as application:
            yield application


def fill_up(application: Application, families: int) -> None:
    """Let there be families numbered from 1 up to `families`; nobody may serve it meanwhile."""
    outside = application.outside(DatabaseRole.OWNER)
    missing = families_missing(outside, range(1, families + 1))
    if not missing:
        return
    likeness = make_family(outside)
    with progress_bar("Records", total=len(missing) * RECORDS) as tell:
        if len(missing) < _BY_ITSELF:
            add_families(outside, likeness, missing, tell=tell)
        else:
            _fill_together(application.settings, likeness, missing, tell)
    settle(outside)


def _fill_together(
    settings: Settings, likeness: Likeness, numbers: Sequence[int], tell: Callable[[int], None]
) -> None:
    lots = [numbers[place : place + _LOT] for place in range(0, len(numbers), _LOT)]
    done = 0
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        for ended in as_completed(pool.submit(_fill, settings, likeness, lot) for lot in lots):
            done += ended.result()
            tell(done * RECORDS)


def _fill(settings: Settings, likeness: Likeness, lot: Sequence[int]) -> int:
    with opened(settings) as application:
        outside = application.outside(DatabaseRole.OWNER)
        add_families(outside, likeness, lot, tell=lambda _: None)
    return len(lot)
