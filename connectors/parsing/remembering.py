"""A JSON object that remembers what it was asked for, so that the rest can be told. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from schemas.records.unused import NO_NAME

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


class Remembering(dict[str, Any]):
    """The same object, and all objects in it likewise; the ones that it was made from stay."""

    __slots__ = ("_asked",)

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__({name: _remembering(value) for name, value in block.items()})
        self._asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """As a dictionary does."""
        self._asked.add(name)
        return super().get(name, default)

    def not_asked_for(self, path: str = "") -> Iterator[str]:
        """The path of each field that says something and that nobody asked for."""
        for name, value in self.items():
            place = f"{path}{name if _NAME.fullmatch(name) else NO_NAME}"
            if name in self._asked:
                yield from _inside(value, f"{place}.")
            elif value not in ("", None, [], {}):
                yield place


def _remembering(value: Any) -> Any:
    if isinstance(value, dict):
        return Remembering(value)
    return [_remembering(one) for one in value] if isinstance(value, list) else value


def _inside(value: Any, path: str) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Remembering):
            yield from one.not_asked_for(path)
