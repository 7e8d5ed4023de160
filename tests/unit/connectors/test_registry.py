"""The table of sources: complete, in step with what ships beside it, and light to import."""

import json
import subprocess
import sys
from io import BytesIO

import pytest

from connectors.ports import Unreadable
from connectors.registry import (
    ROWS,
    Arrival,
    SourceRow,
    WithheldWait,
    read_messages,
    row_of,
    the_one_by,
    the_one_with_a_store,
    with_every_source,
)
from schemas.topics import RECORD_TOPICS
from schemas.vocabulary import Category, Purpose, Source
from services.bootstrap import standard_agreement
from services.interfaces.partners.ports import PUSHING, Scope
from services.lifecycle.retention.rules import STANDARD, standard_rules
from tests.support.builders import NOW
from tests.support.checkout import ROOT

OTHERS = ("schools", "social-care", "family-hub", "community")
AGREEMENT = ROOT / "services" / "decisions" / "standard_agreement.json"


def test_every_source_has_one_row_in_the_order_of_the_vocabulary():
    """So that lists made from either look alike."""
    assert [row.source for row in ROWS] == list(Source)
    assert all(row_of(source).source is source for source in Source)
    assert [row.topic for row in ROWS] == list(RECORD_TOPICS)


def test_one_source_has_the_mailbox_one_the_folder_and_one_a_store():
    """The settings name one of each, and one agency's store was made by migrations."""
    assert [the_one_by(arrival) for arrival in Arrival] == [
        Source.HEALTH_VISITING,
        Source.SCHOOLS,
    ]
    assert the_one_with_a_store() is Source.HEALTH_VISITING


def test_what_is_sent_has_a_reader_and_what_is_written_here_has_none():
    """Only who writes on a page is told at once; all else can be withheld, and told again."""
    said_here = {WithheldWait.ITS_WRITER, WithheldWait.ITS_REQUEST}
    for row in ROWS:
        is_sent = row.read is not None
        assert is_sent == (row.withheld not in said_here), row.source
        assert is_sent == bool(row.example_files), row.source
        assert is_sent or (row.pushed is None and row.arrival is None), row.source


@pytest.mark.parametrize("source", [row.source for row in ROWS if row.read is not None])
def test_a_reader_answers_for_what_it_cannot_read(source: Source):
    """Whatever comes is told, as one message, and nothing is raised."""
    (received,) = read_messages(source, BytesIO(b"{"), received_at=NOW)

    assert received.raw() == b"{"


def test_what_is_written_on_pages_is_in_no_file():
    """Of the hub only a registrar's list is read; anything else it is given is none."""
    (received,) = read_messages(Source.FAMILY_HUB, BytesIO(b"told_by,text\n"), received_at=NOW)

    assert isinstance(received.outcome, Unreadable)
    written = [row.source for row in ROWS if row.is_written_here]
    assert written == [Source.FAMILY_HUB, Source.COMMUNITY]


def test_each_pushed_source_has_a_scope_of_its_own():
    """By its name in the vocabulary; the rest of what a partner may do comes after."""
    pushed = [row for row in ROWS if row.pushed is not None]

    assert [scope.value for scope in Scope][: len(pushed)] == [row.scope for row in pushed]
    assert {row.scope for row in pushed} == {scope.value for scope in PUSHING}
    assert Scope["EVENTS_SOCIAL_CARE"].label == "Send what children's social care records"


def test_the_documents_that_ship_say_of_each_source_what_its_row_says():
    """So nothing is added to them, and they are in force as they lie there."""
    for row in ROWS:
        for rule in json.loads(STANDARD.read_bytes())["rules"]:
            is_meant = row.retention.issuperset(rule["categories"])
            assert (row.source.value in rule["sources"]) == is_meant, (row.source, rule["id"])
        for rule in json.loads(AGREEMENT.read_bytes())["rules"]:
            is_meant = row.agreement.issuperset(rule["purposes"])
            assert (row.source.value in rule["agencies"]) == is_meant, (row.source, rule)
    assert standard_rules() == STANDARD.read_bytes()
    assert standard_agreement() == AGREEMENT.read_bytes()


def test_a_source_that_a_document_does_not_name_is_added_where_its_row_says():
    """And to no other rule; what the document says of others stays."""
    rules = [
        {"id": "all", "sources": [*OTHERS], "purposes": ["a"]},
        {"id": "few", "sources": ["schools"], "purposes": ["b"]},
    ]
    document = json.dumps({"rules": rules}).encode()

    def is_of(row: SourceRow, rule: object) -> bool:
        assert row.source is Source.HEALTH_VISITING
        return rule == rules[0]

    told = json.loads(with_every_source(document, "sources", is_of))

    assert told["rules"][0]["sources"] == [*OTHERS, "health-visiting"]
    assert told["rules"][1] == rules[1]


def test_by_default_a_source_is_kept_and_agreed_like_the_others():
    """Whoever adds a row need not think of every category and purpose."""
    defaults = {field.name: field.default for field in SourceRow.__dataclass_fields__.values()}

    assert defaults["retention"] == frozenset(Category)
    assert defaults["agreement"] == frozenset(Purpose)


def test_importing_the_table_reads_nothing_else_of_the_connectors():
    """Commands that read no file start without parsers."""
    program = (
        "import sys, connectors.registry\n"
        "print([m for m in sys.modules if m.startswith(('connectors.', 'lxml', 'orjson'))])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['connectors.ports', 'connectors.registry']"


def test_readers_are_imported_when_they_read_or_when_all_are_asked_for():
    """A command that reads nothing pays for none; a process that serves has them all at once."""
    readers = "{'connectors.health_visiting.reader', 'connectors.schools.files'}"
    program = (
        "import sys; from connectors.registry import load_readers;"
        f"assert not {readers} & set(sys.modules);"
        "load_readers();"
        f"assert {readers} <= set(sys.modules)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
