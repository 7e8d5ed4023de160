"""Files read again for what was withheld of them: only that, and never all of it in memory."""

from collections.abc import Collection
from datetime import datetime
from itertools import islice
from pathlib import Path

from connectors.known import ref_of
from connectors.publishing import PublishIfPermitted, publish_if_permitted
from schemas.vocabulary import Source
from services.adapters.unit_of_work import UnitOfWork
from services.workers.reading_files import read_messages

_BATCH = 100


def reread(source: Source, path: Path, refs: Collection[str], work: UnitOfWork) -> None:
    """Decide again on those messages of a file that are meant by `refs`.

    The file is its owner's: where it is gone, its owner has to send it again.
    """
    wanted = frozenset(refs)
    publishing = work.publishing(source, path)
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=work.now.tzinfo)
        with path.open("rb") as file:
            found = (
                one
                for one in read_messages(source, file, received_at=modified)
                if ref_of(source, one, work.hasher) in wanted
            )
            while batch := list(islice(found, _BATCH)):
                publish_if_permitted(PublishIfPermitted(source, batch), publishing=publishing)
    except OSError:
        return
