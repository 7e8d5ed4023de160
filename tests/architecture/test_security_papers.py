"""What deploy/security says is shown by a test is shown by one that is there."""

import re
from collections import Counter
from pathlib import Path

from services.interfaces.answering.links.model import SESSION_LASTS
from services.people.family_access.model import IDLE, WHOLE
from services.platform.settings import Settings
from tests.support.checkout import ROOT

PAPERS = ROOT / "deploy/security"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| (.+) \| (met|not met|does not apply) \| (.+) \|$", re.MULTILINE
)
# Levels 1 and 2 of ASVS 5.0.0, and three of level 3.
_REQUIREMENTS = 256
_FEWEST_THREATS = 6
# NIST SP 800-63B at the second level of assurance: idle in minutes, and longest in hours.
_IDLE_AT_MOST, _LONGEST_AT_MOST = 30, 12


def named_in(text: str) -> set[tuple[str, str]]:
    """The tests that a paper names, by file and function."""
    return set(_TEST.findall(text))


def test_every_test_that_a_paper_names_is_there():
    """Renamed or removed, its row has to be looked at again."""
    papers = sorted(PAPERS.glob("*.md"))
    assert papers

    missing = {
        f"{paper.name}: {file}::{test}"
        for paper in papers
        for file, test in named_in(paper.read_text())
        if not _has(ROOT / file, test)
    }

    assert not missing


def test_every_requirement_is_met_by_a_test_or_says_why_not():
    """Each once; what is met names a test, and nothing else claims one."""
    text = (PAPERS / "asvs.md").read_text()
    rows = _ROW.findall(text)
    states = Counter(state for _, _, state, _ in rows)

    assert len({number for number, *_ in rows}) == len(rows) == _REQUIREMENTS
    assert {
        number for number, _, state, why in rows if (state == "met") != bool(named_in(why))
    } == (set())
    assert f"{states['met']} are met, {states['does not apply']} do not apply" in text
    assert f"{states['not met']} are not met" in text


def test_every_threat_has_controls_that_tests_show():
    """A table for each of whom we fear; no row without a test or a plain *not held*."""
    text = (PAPERS / "threat-model.md").read_text()
    threats = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    tables = [threat for threat in threats if "| they try |" in threat]

    assert len(tables) >= _FEWEST_THREATS
    for table in tables:
        rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
        assert rows, table
        assert [row for row in rows if not named_in(row) and "not held" not in row] == []


def test_the_runbook_says_when_sessions_end():
    """By the times of the program, and how the providers' ends and ours go together."""
    runbook = (ROOT / "deploy/runbooks/017-sign-in.md").read_text()
    idle = Settings.model_fields["session_idle_minutes"].default
    longest = Settings.model_fields["session_hours"].default

    assert idle <= _IDLE_AT_MOST
    assert longest <= _LONGEST_AT_MOST
    assert (
        f"{idle} minutes without a click, or {longest} hours "
        "(`session_idle_minutes`, `session_hours`)" in runbook
    )
    assert "| back-channel logout URI | `PUBLIC_URL/sign-in/logout/NAME`" in runbook
    assert "| post-logout redirect URI | `PUBLIC_URL/sign-in` |" in runbook
    assert "the provider is asked with `max_age` and `prompt=login`" in runbook


def test_runbooks_say_how_long_sessions_last_and_how_many_there_are():
    """Of families and of who answers for a partner by the program's times; of staff, how many."""
    runbooks = {path.name[:3]: path.read_text() for path in (ROOT / "deploy/runbooks").glob("*.md")}
    idle, answering = (int(each.total_seconds()) // 60 for each in (IDLE, SESSION_LASTS))
    longest = int(WHOLE.total_seconds()) // 3600

    assert idle <= _IDLE_AT_MOST >= answering
    assert longest <= _LONGEST_AT_MOST
    assert f"over after {idle} minutes without a click, or {longest} hours." in runbooks["027"]
    assert "One person has one at a time" in runbooks["027"]
    assert f"A session is over after {answering} minutes" in runbooks["029"]
    assert "**How many at once.** As many as somebody signs in to: there is no" in runbooks["017"]


def test_a_test_that_is_gone_is_seen():
    """The check finds a name that nobody has."""
    assert not _has(ROOT / "tests/architecture/test_security_papers.py", "test_of_nobody")
    assert not _has(ROOT / "tests/architecture/test_none.py", "test_of_nobody")


def _has(file: Path, test: str) -> bool:
    return file.exists() and f"def {test}(" in file.read_text()
