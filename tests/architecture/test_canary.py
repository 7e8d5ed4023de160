"""No personal value leaves by a side door (STYLE.md 21): outputs, logs, errors, tables, the bus."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from schemas.identifiers import nhs_number_identifier, upn_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Source
from services.__main__ import main
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.seen import metrics_tell
from tests.support.traces.canaries import (
    BORN,
    CANARIES,
    GIVEN,
    NAME,
    NUMBER,
    UPN,
    found_in,
    health_visiting_files,
    school_files,
    social_care_files,
    written_in,
)
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres

_ON_THE_BUS = text("""
    SELECT t.name AS topic, m.key, m.value
    FROM bus_messages AS m JOIN bus_topics AS t ON t.id = m.topic_id
""")
_OPAQUE = re.compile(r"[0-9a-f-]{32,64}")
FILES = {
    Source.HEALTH_VISITING: health_visiting_files,
    Source.SCHOOLS: school_files,
    Source.SOCIAL_CARE: social_care_files,
}


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


@pytest.mark.parametrize("source", FILES, ids=str)
def test_reading_files_tells_no_value(
    source: Source,
    database: str,
    engine: Engine,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
):
    """Good and bad, withheld and parked: the answer and every table are clean."""
    paths = written_in(tmp_path, FILES[source]())
    options = ["--data", str(tmp_path / "data"), "--database", database]

    code = main(["ingest", source.value, *paths, *options, "--json"])
    listed = main(["parked", "list", *options, "--json"])
    replayed = main(["parked", "replay", *options])

    written = capfd.readouterr()
    summary = json.loads(written.out.splitlines()[0])
    assert (code, listed, replayed) == (0, 0, 0)
    assert summary["withheld"] > 0
    assert summary["parked"] > 0
    assert found_in(written.out + written.err) == []
    assert found_in_the_clear(engine, CANARIES) == []


def test_publishing_tells_no_value(running: InProcess, engine: Engine, tmp_path: Path):
    """Once it is permitted the content travels and is stored sealed; nothing else has it."""
    known = (nhs_number_identifier(NUMBER), upn_identifier(UPN))
    running.decide(Subject("s", known, Demographics(date_of_birth=BORN)))

    for source, files in FILES.items():
        running.ingest(source, *map(Path, written_in(tmp_path, files())))
    running.settle()

    assert running.count("bus_messages") > 0
    assert running.count("record WHERE sealed IS NOT NULL") > 0
    assert found_in_the_clear(engine, CANARIES) == []
    with engine.connect() as connection:
        sent = connection.execute(_ON_THE_BUS).all()
    assert {row.topic for row in sent} >= {"sharing.decisions", "records.schools"}
    for row in sent:
        assert _OPAQUE.fullmatch(row.key), row.topic
        if row.topic == "sharing.decisions":
            said = json.loads(bytes(row.value))
            assert all(_OPAQUE.fullmatch(str(one)) for one in said.values()), said.keys()
    told = metrics_tell(running.relay, tmp_path)
    assert 'tell_once_parked_messages{source="schools"} 0.0' not in told
    assert found_in(told) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--subject", f"nhs-number:{NAME}"],
        ["--subject", NAME],
        ["--subject", f"person:{NAME}"],
        ["--subject", f"{NAME}:{GIVEN}"],
        ["--subject", "nhs-number:9990000018", "--category", NAME],
        ["--subject", "nhs-number:9990000018", "--purpose", NAME],
        ["--subject", "nhs-number:9990000018", "--recipient", f"practitioner:{NAME}"],
        ["--subject", "nhs-number:9990000018", "--decided-by", f"parent:{GIVEN} {NAME}"],
        ["--subject", "nhs-number:9990000018", "--until", BORN],
        ["--subject", "nhs-number:9990000018", "--until", NAME],
        ["--subject", "nhs-number:9990000018", "--response", NAME],
        ["--subject", f"nhs-number:{NUMBER}", "--date-of-birth", NAME],
    ],
    ids=" ".join,
)
def test_a_decision_that_cannot_be_recorded_tells_no_value(
    arguments: list[str], database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """The field is named; what was typed is not."""
    usual = {"--category": "child-health", "--purpose": "direct-care"}
    missing = [word for pair in usual.items() if pair[0] not in arguments for word in pair]
    options = ["--data", str(tmp_path), "--database", database]

    code = main(["decision", "record", *arguments, *missing, *options])

    written = capfd.readouterr()
    assert code != 0
    assert found_in(written.out + written.err) == []


def test_a_database_that_is_not_there_tells_no_secret(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """The address of a database holds a password."""
    url = f"postgresql+psycopg://postgres:{NAME}@127.0.0.1:1/x"

    code = main(["parked", "list", "--data", str(tmp_path), "--database", url])

    written = capfd.readouterr()
    assert code != 0
    assert found_in(written.out + written.err) == []


def test_the_search_for_canaries_finds_one(engine: Engine):
    """In text, in bytes, in a list, in any schema."""
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO agency (agency_code, name, kind) VALUES ('X', :name, 'schools')"),
            {"name": f"For {NAME} only"},
        )
        connection.execute(
            text("""
                INSERT INTO holding_health_visiting.held_message
                VALUES ('\\x00', ARRAY[:given], CAST(:number AS bytea), now(), now())
            """),
            {"given": GIVEN, "number": NUMBER.encode()},
        )

    assert {value for _, value in found_in_the_clear(engine, CANARIES)} == {NAME, GIVEN, NUMBER}
