"""Whole is said only where all is known; what is late, wrong or refused is off."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from services.audit.integrity.alarms import alarm_words
from services.audit.integrity.backups import backups_stand
from services.audit.integrity.standing import (
    Finding,
    Stands,
    WatchedPart,
    WitnessSeen,
    together,
    witnesses_stand,
)
from tests.support.builders import NOW

_WHOLE = Finding(WatchedPart.KEYS, Stands.WHOLE, "those-of-the-database")
_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ([], Stands.UNKNOWN),
        ([Stands.WHOLE, Stands.WHOLE], Stands.WHOLE),
        ([Stands.WHOLE, Stands.UNKNOWN], Stands.UNKNOWN),
        ([Stands.UNKNOWN, Stands.OFF, Stands.WHOLE], Stands.OFF),
    ],
)
def test_the_worst_part_says_how_all_stands(stands: list[Stands], expected: Stands) -> None:
    """Nothing known is not whole."""
    assert together([Finding(WatchedPart.ROWS, one, "x") for one in stands]) is expected


@pytest.mark.parametrize(
    ("seen", "stands", "because"),
    [
        (WitnessSeen("w"), Stands.UNKNOWN, "never-signed"),
        (WitnessSeen("w", 10, NOW - _HOUR), Stands.WHOLE, "one-tree"),
        (WitnessSeen("w", 10, NOW - 30 * _HOUR), Stands.WHOLE, "one-tree"),
        (WitnessSeen("w", 9, NOW - 30 * _HOUR), Stands.OFF, "too-old"),
        (WitnessSeen("w", 10, NOW, is_one_tree=False), Stands.OFF, "another-tree"),
        (WitnessSeen("w", 9, NOW - _HOUR, refused=409), Stands.OFF, "said-no"),
    ],
)
def test_a_witness_vouches_for_what_it_saw(seen: WitnessSeen, stands: Stands, because: str) -> None:
    """One that saw all of it need not sign again; one that says no is heard."""
    found = seen.stands(10, NOW)

    assert (found.stands, found.because) == (stands, because)
    both = witnesses_stand([WitnessSeen("good", 10, NOW), seen], 10, NOW)
    assert both.stands is stands
    assert witnesses_stand([], 10, NOW).because == "none-named"


@pytest.mark.parametrize(
    ("document", "stands", "because"),
    [
        ({"made_at": "2026-03-02T02:30:00Z"}, Stands.WHOLE, "in-time"),
        ({"made_at": "2026-03-01T02:30:00+00:00"}, Stands.OFF, "too-old"),
        ({"made_at": "2026-03-09T02:30:00Z"}, Stands.OFF, "to-come"),
        ({"made_at": "2026-03-02T02:30:00"}, Stands.OFF, "file-not-read"),
        ({"made_at": "yesterday"}, Stands.OFF, "file-not-read"),
        ({}, Stands.UNKNOWN, "not-known"),
        (["made_at"], Stands.OFF, "file-not-read"),
        (None, Stands.OFF, "file-not-read"),
    ],
)
def test_backups_are_known_by_their_file(
    tmp_path: Path, document: object, stands: Stands, because: str
) -> None:
    """A file that is named and is not there, or is none, is off; nothing is guessed."""
    file = tmp_path / "backup.json"
    if document is not None:
        file.write_text(json.dumps(document))

    backup, restored = backups_stand(file, NOW)

    assert (backup.stands, backup.because) == (stands, because)
    assert restored.stands is Stands.UNKNOWN
    assert {one.because for one in backups_stand(None, NOW)} == {"no-file-named"}


def test_an_alarm_names_the_council_and_parts_and_nobody() -> None:
    """It fits one long text message."""
    words = alarm_words("Exbury Council", list(WatchedPart))

    assert "rows against ledger" in words
    assert len(words) < 459
    assert _WHOLE.part.label not in alarm_words("Exbury Council", [WatchedPart.ROWS])
