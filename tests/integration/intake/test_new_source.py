"""A source is added by its word, its row, its folder and what is published: by nothing else.

`tests/data/test-source.patch` adds one to a clone of this checkout. It brings no migration, since
nothing in the database names a source whose withheld messages wait in their files. How the patch
is made anew stands in tests/support/new_source.py: `python -m tests.support.new_source FOLDER`.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.new_source import REFRESH, add_source, changes, clone, publish, run_in

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

MAY_CHANGE = (
    "connectors/registry.py",
    "connectors/test_source/",
    "schemas/published/",
    "schemas/vocabulary.py",
    "services/platform/database/migrations/versions/",
)
MUST_CHANGE = {"connectors/registry.py", "schemas/vocabulary.py"}
NUMBER = "9990000018"
WORDS = "Sang the boat song"
CHILD = {
    "nhs_number": NUMBER,
    "family_name": "Quillfeather",
    "given_name": "Ottoline",
    "date_of_birth": "2024-05-06",
    "mornings": [{"date": "2026-02-03", "what": WORDS}],
}
PROGRAM = """
import sys
from contextlib import redirect_stdout
from io import StringIO
import json

from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.__main__ import main
from services.bootstrap import DatabaseRole, opened
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.platform.settings import Settings
from services.work import unit_of_work
from tests.support.people.relating import relate

file, data, number = sys.argv[1:]
worker = PractitionerId("b7" * 16)

def told(*words):
    with redirect_stdout(StringIO()) as output:
        code = main([*words, "--data", data, "--json"])
    assert code == 0, (code, words, output.getvalue())
    return json.loads(output.getvalue())

# Held open, so that the database is started once for all the commands.
with opened(Settings(data=data)) as application:
    before = told("ingest", "test-source", file)
    decided = told(
        *("decision", "record", "--subject", f"nhs-number:{number}", "--purpose", "early-help"),
        *("--category", "early-help", "--category", "identity-and-contact"),
        *("--source", "test-source", "--recipient", "agency:test-source"),
    )
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        work.directory.save_agency(Agency("PG1", "Boats Playgroup", Source("test-source"), None))
        work.directory.save_practitioner(PractitionerEntry(
            worker, "Wilhelmina Fernsby", Role.PRACTITIONER, "Leader", "PG1", None, "PG-1",
            Purpose.EARLY_HELP,
        ))
        relate(work, worker, PersonId(decided["subjects"][0]), RelationshipGround.FAMILY_CONFIRMED)
    profile = told(
        *("profile", "show", "--person", decided["subjects"][0], "--as", worker),
        *("--purpose", "early-help"),
    )
    after = told("ingest", "test-source", file)
    agreement = told("agreement", "show")
    rules = told("retention", "rules")
print(json.dumps([before, profile, after, agreement, rules]))
"""


@pytest.fixture(scope="module")
def with_source() -> Iterator[Path]:
    """Give a clone to which the patch was applied; its path is short, as a socket needs."""
    with tempfile.TemporaryDirectory(prefix="tell-once-new-") as folder:
        checkout = Path(folder) / "clone"
        clone(checkout)
        add_source(checkout)
        yield checkout


def test_nothing_changes_but_what_a_source_is_made_of(with_source: Path):
    """Also once everything published is made anew: then the patch is as new as the checkout."""
    before = changes(with_source)
    publish(with_source)

    assert changes(with_source) == before, f"other schemas would be published; {REFRESH}"
    names = changes(with_source, "--name-only").splitlines()
    assert [name for name in names if not name.startswith(MAY_CHANGE)] == []
    assert set(names) > MUST_CHANGE


def test_a_message_of_the_new_source_goes_through_to_a_profile(with_source: Path):
    """Withheld, permitted, read again from its file, published, stored and shown by commands."""
    sent = with_source.parent / "playgroup.jsonl"
    sent.write_text(json.dumps(CHILD) + "\n{}\n")

    output = run_in(with_source, PROGRAM, str(sent), str(with_source.parent / "data"), NUMBER)

    before, profile, after, agreement, rules = json.loads(output)
    assert _became(before) == ["withheld", "parked"]
    assert [entry["occurrence"]["title"] for entry in profile["timeline"]] == [WORDS]
    assert {s["source"]: s["state"] for s in profile["sources"]}["test-source"] == "has-records"
    assert _became(after) == ["duplicate", "parked"]
    assert all("test-source" in rule["agencies"] for rule in agreement["agreement"]["rules"])
    assert all("test-source" in rule["sources"] for rule in rules["rules"])


def _became(document: dict[str, Any]) -> list[str]:
    return [record["disposition"] for record in document["records"]]
