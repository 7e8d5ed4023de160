"""Whatever a partner sends: a message or a reason, soon, and no personal value.

`TELL_ONCE_FUZZ_EXAMPLES=100000` damages that many files for each connector; CI does fewer.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from random import Random

import pytest

from connectors.ports import Received, Unreadable
from connectors.registry import read_messages
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source
from tests.support.messages.mutating import mutated
from tests.support.traces.canaries import health_visiting_files, school_files, social_care_files

_EXAMPLES = int(os.environ.get("TELL_ONCE_FUZZ_EXAMPLES", "750"))
_LONGEST_SECONDS = 1.0
_RECEIVED_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_PARTS_OF_CANARIES = re.compile(
    "Quillf|feather|-Snow|Ottol|toline|99900001|T99920|2019-04|Wherew|withal|ZZ9 ?9|960977"
)
_WHOLE_FILES: dict[Source, Callable[[], Iterator[bytes]]] = {
    Source.HEALTH_VISITING: health_visiting_files,
    Source.SCHOOLS: school_files,
    Source.SOCIAL_CARE: social_care_files,
}


@pytest.mark.parametrize("source", list(_WHOLE_FILES))
def test_a_damaged_file_is_read_or_refused_with_a_reason_that_tells_nothing(
    source: Source,
) -> None:
    """No exception, no input that keeps a processor busy for a second, no value in what is said."""
    seeds = list(islice(_WHOLE_FILES[source](), 400))
    random = Random(f"{source}-{_EXAMPLES}")
    readable = 0

    for number in range(_EXAMPLES):
        data = mutated(seeds, random)
        began = time.process_time()
        found = _read(source, data)
        took = time.process_time() - began

        assert took < _LONGEST_SECONDS, f"example {number} took {took:.1f} s"
        for received in found:
            said = _said_of(received)
            assert not _PARTS_OF_CANARIES.search(said), f"example {number} tells a value"
            readable += isinstance(received.outcome, SourceMessage)

    assert readable > _EXAMPLES / 20, "the damage leaves too little to be read: it tests one path"


@pytest.mark.parametrize("source", list(_WHOLE_FILES))
def test_what_is_kept_of_a_damaged_file_reads_as_it_did(source: Source) -> None:
    """A message kept back or parked can be replayed, however odd it is."""
    seeds = list(islice(_WHOLE_FILES[source](), 400))
    random = Random(f"again-{source}")

    for number in range(_EXAMPLES // 5):
        for received in _read(source, mutated(seeds, random)):
            (again,) = _read(source, received.raw())

            assert again.outcome == received.outcome, f"example {number} reads differently"


def _read(source: Source, data: bytes) -> list[Received]:
    return list(read_messages(source, BytesIO(data), received_at=_RECEIVED_AT))


def _said_of(received: Received) -> str:
    """All that may come to be printed or logged of a message."""
    outcome = received.outcome
    said = f"{received!r} {outcome!r}"
    if isinstance(outcome, Unreadable):
        said += f" {outcome.field} {outcome.reason} {outcome.message_id}"
    return said
