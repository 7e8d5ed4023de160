"""What `ingest` tells of each message, kept out of memory until all is known."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from tempfile import TemporaryFile

from schemas.vocabulary import Disposition, Source
from services.workers.ingesting import FileDisposition


class IngestReport:
    """One row a message, in a file without a name: there may be a hundred thousand.

    A row holds codes, positions and opaque ids, no content.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts: Counter[Disposition] = Counter()
        self._rows = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 closed by close()

    def add(self, row: FileDisposition) -> None:
        """Take in what became of one message."""
        message = row.message
        self._counts[message.disposition] += 1
        told = {
            "file": row.file,
            "index": message.index,
            "message_id": message.message_id,
            "disposition": message.disposition.value,
            "reason": message.reason,
        }
        self._rows.write(json.dumps(told) + "\n")

    def print_document(self) -> None:
        """The whole as one JSON document on standard output."""
        counts = {disposition.value: self._counts[disposition] for disposition in Disposition}
        told = {"source": self._source.value, "read": self._counts.total(), **counts}
        sys.stdout.write(json.dumps(told).removesuffix("}") + ', "records": [')
        for number, row in enumerate(self._each()):
            sys.stdout.write(f", {row}" if number else row)
        sys.stdout.write("]}\n")
        sys.stdout.flush()

    def print_plain(self) -> None:
        """The counts in a sentence, and a line for each message that could not be read."""
        parts = ", ".join(f"{self._counts[d]} {d.value}" for d in Disposition)
        sys.stdout.write(f"{self._source.label}: {self._counts.total()} read: {parts}\n")
        for row in self._each():
            told = json.loads(row)
            if told["disposition"] == Disposition.PARKED.value:
                where = f"{told['file']} [{told['index']}]"
                sys.stdout.write(f"  parked: {where} {told['reason']}\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Forget the rows."""
        self._rows.close()

    def _each(self) -> Iterator[str]:
        self._rows.seek(0)
        for line in self._rows:
            yield line.rstrip("\n")
