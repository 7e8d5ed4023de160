"""Beginning again with an empty data folder."""

import shutil
from pathlib import Path

from services.adapters.serving_lock import ServingLock
from services.errors import ServiceError

LOADED = "demonstration"
_OURS = ("postgres", "keys", "logs", LOADED, "draining.lock", "serving.lock")


class DataFolderInUseError(ServiceError):
    """The data folder is being served; stop that first."""


def reset(data: Path) -> None:
    """Delete what this program keeps in the data folder, and nothing else in it.

    Raises DataFolderInUseError while it is served.
    """
    if not data.exists():
        return
    lock = ServingLock(data)
    if not lock.take():
        raise DataFolderInUseError("this data folder is being served; stop that first")
    lock.release()
    for name in _OURS:
        path = data / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def is_loaded(data: Path) -> bool:
    """Whether the invented families are in this data folder."""
    return (data / LOADED).exists()
