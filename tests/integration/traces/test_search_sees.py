"""The search sees whatever is there: otherwise its silence would mean nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.topics import records_topic
from schemas.vocabulary import Source
from services.work import Outside
from tests.support.traces.may_remain import EVERYTHING, KEPT_BY_CONNECTORS
from tests.support.traces.planted import EVERY_WORD, NUMBER, PROTECTED_POSTCODE, WORDS, Planted
from tests.support.traces.traces import Traces, files_with

pytestmark = pytest.mark.postgres


def test_every_word_is_found_in_the_profile_and_on_the_bus(planted: Planted, traces: Traces):
    """Each source's on its own topic, and nothing is found that is not sealed."""
    planted.permit()
    planted.plant()

    found = traces.of(EVERYTHING)

    shared = set(EVERY_WORD) - {PROTECTED_POSTCODE}
    assert found["public.record"] >= shared
    for source, words in WORDS.items():
        assert found[f"topic {records_topic(source)}"] >= set(words) & shared
    assert PROTECTED_POSTCODE in found["public.person_facts"]
    assert NUMBER in found["public.person_facts"]
    assert not [place for place in found if place.startswith("clear:")]


def test_what_waits_is_found_with_whoever_keeps_it(planted: Planted, traces: Traces):
    """Held by its agency, or parked; of the others who may decide, how to reach them, files."""
    planted.plant(Source.HEALTH_VISITING, Source.SCHOOLS, Source.SOCIAL_CARE)

    waiting = {"holding_health_visiting.held_message", *KEPT_BY_CONNECTORS}
    assert set(traces.of(EVERYTHING)) == waiting
    planted.park()
    assert set(traces.of(EVERYTHING)) == {*waiting, "public.parked"}
    assert "pupil.xml" in files_with(WORDS[Source.SCHOOLS], planted.folder)


def test_what_names_a_person_is_found(planted: Planted, traces: Traces):
    """In a column of text, of bytes, in a list, in an event's headers."""
    planted.permit()
    planted.plant()

    named = traces.rows_naming(planted.person)

    assert named["public.record"] > 10
    assert named["public.case_load"] > 0
    assert named["public.ledger_entry"] > 0
    assert named["topic records.schools"] == 1


def test_what_is_not_sealed_is_told_apart(outside: Outside, traces: Traces, tmp_path: Path):
    """Whichever column and however written; and in files, by name and content."""
    with outside.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO file_to_reread VALUES ('schools', :ref, :path)"),
            {"ref": NUMBER.encode().hex().encode(), "path": "/x/Quillfeather.xml"},
        )
    (tmp_path / "Lettice Marchbanks.txt").write_bytes("Quillfeather".encode("utf-16"))

    found = traces.of(EVERYTHING)

    assert found == {"clear: public.file_to_reread": {NUMBER, "Quillfeather"}}
    assert files_with(EVERYTHING, tmp_path) == {
        "Lettice Marchbanks.txt": {"Quillfeather", "Marchbanks"}
    }
