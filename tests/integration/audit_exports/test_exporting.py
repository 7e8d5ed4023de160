"""Exports are entered before the first byte and at their end, and hold what was chosen."""

import csv
import io
import json
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import Engine, text

from consent.ledger import read_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.audit.asked import Auditor
from services.audit.exports.chosen import Chosen, ExportRefused, Format
from services.audit.exports.exporting import BegunExport, list_exports
from services.audit.exports.postgres_entries import bounds_query, by_index
from services.audit.exports.rows import COLUMNS
from services.audit.index.postgres_catching_up import catch_up
from tests.integration.audit_exports.conftest import (
    LOOKING,
    OPERATOR,
    WORDS,
    Desk,
    a_look,
    minutes,
    of_person,
)
from tests.support.balp.samples import OTHER, PERSON
from tests.support.traces.canaries import CANARIES
from tests.support.traces.in_the_clear import found_in_the_clear

pytestmark = pytest.mark.postgres
# Of an entry about somebody else.
_A_WRONG_ROW = text("""
    INSERT INTO audit_named (named, at, seq, event)
    SELECT :person, at, seq, event FROM audit_named
    WHERE named <> :person AND event = 'profile:read'
""")


def _entered(engine: Engine) -> list[tuple[str, dict[str, object]]]:
    """What the ledger says of exports, oldest first."""
    with engine.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM ledger_entry ORDER BY seq")).scalars()
        entries = [read_entry(bytes(body)) for body in bodies]
    return [
        (str(entry.event), dict(entry.fields))
        for entry in entries
        if entry.event.startswith("audit-export")
    ]


def test_an_export_is_entered_before_its_first_byte_and_at_its_end(desk: Desk, engine: Engine):
    """Who, why and what was chosen; then how many, and the hash of all that left."""
    begun = desk.begin(Format.JSON_LINES, of_person())
    before = _entered(engine)

    left = b"".join(desk.pieces(begun))

    ((event, fields),) = before
    assert event == "audit-export:begun"
    assert (fields["format"], fields["because"]) == ("jsonl", "family-asks")
    assert fields["subjects"] == (PERSON,)
    (*_, (ended, told)) = _entered(engine)
    assert ended == "audit-export:finished"
    assert told == {"export": begun.id, "rows": 2, "sha256": sha256(left).hexdigest()}


def test_json_lines_hold_the_leaves_of_the_tree(desk: Desk):
    """Whole entries, each with its place; without a choice all of them but the export's own."""
    lines = [json.loads(line) for line in desk.export(Format.JSON_LINES).splitlines()]

    assert [line["index"] for line in lines] == [0, 1, 2, 3, 4]
    assert [line["entry"]["event"] for line in lines][-2:] == ["profile:read", "search:made"]


def test_a_csv_has_the_columns_that_it_says(desk: Desk):
    """RFC 4180, with the fields as JSON at the end."""
    told = desk.export(Format.CSV, of_person()).decode()

    header, *rows = csv.reader(io.StringIO(told, newline=""))
    assert tuple(header) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    first = dict(zip(header, rows[0], strict=True))
    assert (first["actor"], first["persons"], first["purpose"]) == (LOOKING, PERSON, "direct-care")
    assert json.loads(first["fields"])["disclosure"] == f"{1:032x}"
    assert told.count("\r\n") == len(rows) + 1


def test_audit_events_are_lines_of_fhir(desk: Desk):
    """One for each whom an entry is about."""
    lines = desk.export(Format.FHIR, of_person()).splitlines()

    assert [json.loads(line)["resourceType"] for line in lines[:2]] == ["AuditEvent"] * 2


@pytest.mark.parametrize(
    ("chosen", "indexes"),
    [
        (Chosen(since=minutes(2), until=minutes(3)), [2]),
        (Chosen(since=minutes(1.5), events=frozenset({LedgerEvent.PROFILE_READ})), [2, 3]),
        (of_person(), [1, 2]),
        (of_person(OTHER), [3]),
        (Chosen(practitioners=(PractitionerId("e2" * 16),)), [2]),
        (Chosen(events=frozenset({LedgerEvent.SEARCH_MADE})), [4]),
        (Chosen(agency="NOBODYS"), []),
        (replace(of_person(), practitioners=(PractitionerId("e1" * 16),)), [1]),
    ],
    ids=["times", "events-since", "person", "other", "worker", "event", "agency", "both"],
)
def test_what_is_chosen_leaves_and_nothing_else(desk: Desk, chosen: Chosen, indexes: list[int]):
    """By time, person, worker, agency and event; each narrows what the others leave."""
    lines = [json.loads(line) for line in desk.export(Format.JSON_LINES, chosen).splitlines()]

    assert [line["index"] for line in lines] == indexes


def test_times_are_found_by_the_index_over_them(desk: Desk, engine: Engine):
    """What the migration indexes is what the query asks for, to the letter."""
    query = bounds_query(Chosen(since=minutes(1), until=minutes(2)))
    times = {"since": b"2026-03-02", "until": b"2026-03-03"}

    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plan = connection.execute(text(f"EXPLAIN {query.text}"), times).scalars().all()

    assert any("ledger_entry_at" in line for line in plan)
    assert desk.export(Format.JSON_LINES, Chosen(until=minutes(-1e6))) == b""


def test_what_the_index_holds_is_found_by_it(desk: Desk, engine: Engine):
    """With events that are all indexed; what came after is there too, and a wrong row adds none."""
    chosen = replace(of_person(), events=frozenset({LedgerEvent.PROFILE_READ}))
    catch_up(engine)
    desk.append(a_look(9))
    with engine.begin() as connection:
        connection.execute(_A_WRONG_ROW, {"person": PERSON})
        told = by_index(connection, chosen)
        untold = by_index(connection, of_person())

    lines = [json.loads(line) for line in desk.export(Format.JSON_LINES, chosen).splitlines()]

    assert (told is not None, untold) == (True, None)
    assert [line["index"] for line in lines] == [1, 2, 5]


def test_who_stops_leaves_an_export_that_was_broken_off(desk: Desk, engine: Engine):
    """The framework closes what a page sends when its reader goes away."""
    begun = desk.begin(Format.CSV)
    going = desk.pieces(begun)
    next(going)

    going.close()  # type: ignore[attr-defined] # it is a generator

    (*_, (event, told)) = _entered(engine)
    assert event == "audit-export:broken_off"
    assert told == {"export": begun.id, "rows": 0, "because": "stopped"}
    (listed,) = list_exports(by=OPERATOR, outside=desk.outside, most=5)
    assert (listed.state, listed.words) == ("broken-off:stopped", WORDS)


def test_an_export_that_was_never_taken_has_no_end(desk: Desk):
    """So has one whose process was killed."""
    desk.begin(Format.CASE)

    (listed,) = list_exports(by=OPERATOR, outside=desk.outside, most=5)

    assert (listed.state, listed.kept.ended_at) == ("no-end", None)


@pytest.mark.parametrize(
    ("role", "words", "why"),
    [
        (Role.PRACTITIONER, WORDS, ExportRefused.NOT_THEIRS),
        (Role.INFORMATION_GOVERNANCE, " ", ExportRefused.NO_WORDS),
    ],
    ids=str,
)
def test_who_may_not_export_is_entered_too(
    desk: Desk, engine: Engine, role: Role, words: str, why: ExportRefused
):
    """A refusal is returned, and commits its own entry."""
    refused = desk.begin(Format.CSV, by=Auditor(LOOKING, role), words=words)

    assert refused is why
    assert _entered(engine) == [
        ("audit-export:refused", {"format": ("csv",), "because": why.value})
    ]


def test_no_name_and_no_number_reaches_any_format_or_table(desk: Desk, engine: Engine):
    """What was said of an export is sealed; an entry that somebody forged tells only its hash."""
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO ledger_entry (entry_id, body) VALUES (gen_random_uuid(), :body)"),
            {"body": b'{"event":"profile:read","actor":"Quillfeather-Snow 9990000115"}'},
        )

    left = [desk.export(form) for form in Format]
    with engine.begin() as connection:  # what was forged is no trace of ours
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM ledger_entry WHERE body LIKE '%Quill%'::bytea"))

    assert [name for each in left for name in CANARIES if name.encode() in each] == []
    assert b"entry:not_well_formed" in left[0]
    assert found_in_the_clear(engine, CANARIES) == []


def test_pages_of_exports_go_on_where_the_one_before_ended(desk: Desk):
    """The newest first; by whom and what."""
    begun = [desk.begin(Format.CSV) for _ in range(3)]

    first = list_exports(by=OPERATOR, outside=desk.outside, most=2)
    assert not isinstance(first, ExportRefused)
    rest = list_exports(by=OPERATOR, outside=desk.outside, most=2, before=first[-1].kept)

    assert not isinstance(rest, ExportRefused)
    told = [each.kept.id for each in (*first, *rest)]
    assert sorted(told) == sorted(one.id for one in begun if isinstance(one, BegunExport))
    assert told == sorted(told, reverse=True)
