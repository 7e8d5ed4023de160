"""The papers tell the same story as the code, and nothing leaves that should not."""

import re

from services.platform.database.migrating import HEAD
from services.platform.settings import Settings
from tests.support.checkout import ROOT, tracked_files

# assembled, so that this file does not contain what it looks for
_MACHINE = re.compile("(?:^|[^A-Za-z0-9_.])/(?:wo" + "rk|ro" + "ot)/")
_REGISTRY = re.compile("--(?:extra-)?index-" + "url|py" + "pi[.]org|files[.]python" + "hosted")
_TEXT = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".xml",
    ".html",
    ".css",
    ".sh",
    ".lock",
    ".yaml",
    ".sql",
    "",
}


def test_every_setting_is_a_heading_of_the_runbook() -> None:
    """Whoever runs it finds every setting explained (STYLE.md 38)."""
    headings = set(
        re.findall(
            r"^### (\w+)$", (ROOT / "deploy/runbooks/000-service.md").read_text(), re.MULTILINE
        )
    )

    assert headings == set(Settings.model_fields)


def test_the_program_knows_the_newest_migration() -> None:
    """One head, and it is the one that start-up checks for."""
    folder = ROOT / "services/platform/database/migrations/versions"
    text = [path.read_text() for path in sorted(folder.glob("*.py"))]
    revisions = {
        found for t in text for found in re.findall(r'^revision = "(\w+)"', t, re.MULTILINE)
    }
    parents = {
        found for t in text for found in re.findall(r'^down_revision = "(\w+)"', t, re.MULTILINE)
    }

    assert revisions - parents == {HEAD}


def test_every_file_that_a_paper_names_is_there() -> None:
    """Whoever follows a paper into the code arrives."""
    papers = [ROOT / "README.md", *(ROOT / "deploy/runbooks").glob("*.md")]
    papers += [ROOT / "deploy/CHANGELOG.md", *(ROOT / "deploy/decisions").glob("*.md")]
    named = re.compile(r"`((?:services|consent|connectors|schemas|tests|deploy)/[\w./-]*\w/?)`")
    missing = [
        f"{paper.relative_to(ROOT)}: {name}"
        for paper in papers
        for name in named.findall(paper.read_text())
        if not (ROOT / name).exists()
    ]

    assert not missing


def test_no_path_of_a_machine_and_no_registry_stands_in_a_file() -> None:
    """What is committed is the same for everyone."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in _TEXT and "static" not in path.parts
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if _MACHINE.search(line) or _REGISTRY.search(line)
    ]

    assert not found


def test_no_test_patches_what_it_tests() -> None:
    """Fakes that pass the contract suite, not patches (STYLE.md 45)."""
    patch = re.compile("mock[.]" + "patch|monkeypatch[.]set" + "attr")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix == ".py" and "tests" in path.parts and "contract" not in path.parts
        if patch.search(path.read_text())
    ]

    assert not found


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    """Everything else is told the time, so that it can be told any (STYLE.md 22)."""
    now = re.compile(r"datetime[.]now\(|utcnow\(|date[.]today\(")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix == ".py" and path.parts[len(ROOT.parts)] in {"consent", "services"}
        if now.search(path.read_text())
    ]

    assert found == ["services/platform/clock.py"]
