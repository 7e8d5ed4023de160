"""What lies under deploy/ for those who run it: read, and what it names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.checkout import ROOT, tracked_files

DEPLOY: Final = ROOT / "deploy"
CHART: Final = DEPLOY / "helm/tell-once"
PLATFORM: Final = DEPLOY / "helm/platform"
_ROOMS: Final = ("checking", "container", "helm", "prometheus", "proxy", "systemd")
_FILES: Final = ("Dockerfile", "Dockerfile.dockerignore", "compose.yaml")
DOORS: Final = ("portal", "family", "answering", "directory")
"""What serves pages, each under a name of its own."""
_SETTING: Final = re.compile(r"TELL_ONCE_([A-Z][A-Z0-9_]*[A-Z])")
RUNBOOKS: Final = tuple(
    DEPLOY / "runbooks" / name
    for name in ("021-on-one-server.md", "022-with-compose.md", "023-in-a-cluster.md")
)


def deployed_files() -> Iterator[Path]:
    """Every file by which somebody runs it."""
    for path in tracked_files():
        if path.is_relative_to(DEPLOY):
            first = path.relative_to(DEPLOY).parts[0]
            if first in _ROOMS or first in _FILES:
                yield path


def settings_in(text: str) -> set[str]:
    """The settings that a text names, as variables, by the names they have in Settings."""
    return {found.lower() for found in _SETTING.findall(text)}


def compose() -> dict[str, Any]:
    """The file for Docker Compose."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def units() -> dict[str, list[tuple[str, str]]]:
    """Each unit of systemd: its lines, in order, as name and value."""
    return {
        path.name: [
            (name, value)
            for line in path.read_text().splitlines()
            if not line.startswith(("#", "["))
            for name, equals, value in [line.partition("=")]
            if equals
        ]
        for path in sorted((DEPLOY / "systemd").iterdir())
        if path.suffix in {".service", ".timer"}
    }


Words = tuple[str, ...]


def compose_commands() -> dict[str, Words]:
    """What each service of ours runs in Compose."""
    services = compose()["services"].items()
    return {name: tuple(s["command"]) for name, s in services if "tell-once" in s["image"]}


def chart_commands() -> set[Words]:
    """What containers of ours run in a cluster, whichever options are on."""
    found = set()
    for path in (CHART / "templates").rglob("*.yaml"):
        lists = re.findall(r'"args" \(list ([^)]*)\)', path.read_text())
        found |= {tuple(re.findall(r'"([^"]+)"', words)) for words in lists}
        found |= {tuple(w.split(", ")) for w in re.findall(r"args: \[([^\]]+)\]", path.read_text())}
    return found


def unit_commands() -> dict[str, Words]:
    """What each unit of systemd runs, and each instance of the one for parts by name."""
    folder = DEPLOY / "systemd"
    found = {
        name: tuple(value.split()[1:])
        for name, lines in units().items()
        for key, value in lines
        if key == "ExecStart" and "@" not in name
    }
    head = (folder / "tell-once@.service").read_text().partition("[Unit]")[0]
    for part in re.findall(r"@([a-z]+)", head):
        told = folder / f"parts/{part}.env"
        line = told.read_text().splitlines()[-1] if told.exists() else f"WORDS={part}"
        found[f"tell-once@{part}.service"] = tuple(line.removeprefix("WORDS=").split())
    return found


def nginx_directives(text: str) -> Iterator[tuple[str, str, str]]:
    """Each directive of a configuration of nginx: the block it is in, its name, its values."""
    blocks = [""]
    for line in re.sub(r"(?m)(^|\s)#.*$", "", text).splitlines():
        words = line.strip()
        if words.endswith("{"):
            blocks.append(words.removesuffix("{").strip())
        elif words == "}":
            blocks.pop()
        elif words:
            name, _, values = words.removesuffix(";").partition(" ")
            yield blocks[-1], name, values
