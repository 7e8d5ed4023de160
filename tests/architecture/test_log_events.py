"""Every line in a log is one of a closed list of events (STYLE.md 19), written out where it is."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from tests.support.checkout import ROOT, our_modules

_LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
_LISTS = {
    "LogEvent": "services.platform.logging",
    "PortalLog": "services.portal.frame.settings",
    "PartnerLog": "services.interfaces.partners.edge",
}
# Where an event comes in from outside: all who call it are looked at where they make it.
_PASSED_ON = {"services/platform/web.py", "services/interfaces/partners/calling.py"}


def _is_log(node: ast.expr) -> bool:
    """A logger by its name here: `log`, `_log`, `self.log`, `structlog.get_logger()`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"log", "_log"}
        case ast.Call(func=ast.Attribute(attr="get_logger")):
            return True
        case _:
            return False


def _lines(path: Path) -> Iterator[tuple[int, ast.expr | None]]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=logger, attr=level), args=args) if (
                level in _LEVELS and _is_log(logger)
            ):
                yield node.lineno, args[0] if args else None


def _listed(event: ast.expr | None) -> tuple[str, str] | None:
    """The list and the member that an event is, with or without `.value`."""
    match event:
        case ast.Attribute(value=ast.Attribute() as inner, attr="value"):
            return _listed(inner)
        case ast.Attribute(value=ast.Name(id=name), attr=member) if name in _LISTS:
            return name, member
        case _:
            return None


def test_every_line_is_a_member_of_a_list():
    """No sentence, and nothing put together from what came in."""
    found, unlisted = set(), []
    for path in our_modules():
        for line, event in _lines(path):
            listed = _listed(event)
            name = str(path.relative_to(ROOT))
            if listed is not None:
                found.add(listed)
            elif name not in _PASSED_ON:
                unlisted.append(f"{name}:{line}")

    assert not unlisted
    assert len(found) >= 12
    for name, member in found:
        events = getattr(import_module(_LISTS[name]), name)
        assert issubclass(events, StrEnum)
        assert member in events.__members__


def test_a_sentence_in_a_log_is_found(tmp_path: Path):
    """Else the search would say nothing."""
    module = tmp_path / "bad.py"
    module.write_text('log.warning(f"{name} was here")\nstructlog.get_logger().error("gone")\n')

    assert [_listed(event) for _, event in _lines(module)] == [None, None]
