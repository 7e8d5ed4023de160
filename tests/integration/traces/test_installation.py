"""A real installation's own files: logs, keys, the database's pages and its write-ahead log."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Source
from services.platform.database.embedded.postgres import EmbeddedPostgres
from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.fixtures.fixtures_embedded import query
from tests.support.traces.planted import BORN, NUMBER, UPN, WORDS, files_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

WORDS_OF_FILES = (*WORDS[Source.HEALTH_VISITING], *WORDS[Source.SCHOOLS], NUMBER, UPN)
_MOST = 64 * 1024 * 1024


def test_no_file_of_it_holds_a_word_in_the_clear(demonstration: Demonstration, tmp_path: Path):
    """Published, stored, withdrawn and purged by processes of their own: nothing was written."""
    decision = _done(demonstration, *_A_DECISION)
    for source, files in files_of().items():
        paths = [tmp_path / f"{source}-{name}" for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        came = _done(demonstration, "ingest", source.value, *map(str, paths))
        assert came["published"] == len(paths), came

    _done(demonstration, "decision", "withdraw", decision["decision_id"])

    assert eventually(lambda: _is_purged(demonstration, decision["decision_id"]))
    assert _in_the_clear(demonstration.data) == {}


def test_the_search_finds_what_a_process_writes(tmp_path: Path):
    """In a log, in a file of the database, in either of the ways in which programs write text."""
    (tmp_path / "portal.log").write_text(f'{{"event": "{WORDS_OF_FILES[0]}"}}')
    (tmp_path / "16384").write_bytes(b"\0" * 100 + WORDS_OF_FILES[1].upper().encode("utf-16-le"))

    assert set(_in_the_clear(tmp_path)) == {"portal.log", "16384"}


_A_DECISION = (
    *("decision", "record", "--subject", f"nhs-number:{NUMBER}", "--subject", f"upn:{UPN}"),
    *("--date-of-birth", BORN, "--category", "all", "--purpose", "direct-care"),
    *("--decided-by", "parent:mother"),
)


def _done(demonstration: Demonstration, *words: str) -> Any:
    done = demonstration.command(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _is_purged(demonstration: Demonstration, decision: str) -> bool:
    stored = f"""
        SELECT 1 FROM record JOIN sharing_decision_subject USING (person_id)
        WHERE decision_id = '{decision}' AND NOT removed
    """  # noqa: S608 an id of ours
    with EmbeddedPostgres.start(demonstration.data) as postgres:
        return query(postgres.url(), stored) == []


def _in_the_clear(folder: Path) -> dict[str, list[str]]:
    """Which files hold which words as programs write them; sealed content is not opened here."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        written = path.read_bytes()[:_MOST].lower()
        words = [word for word in WORDS_OF_FILES if any(s in written for s in _spelt(word))]
        if words:
            found[str(path.relative_to(folder))] = words
    return found


def _spelt(word: str) -> tuple[bytes, ...]:
    return word.lower().encode(), word.lower().encode("utf-16-le")
