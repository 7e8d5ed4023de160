"""A JSON object that remembers what it was asked for, so that the rest can be told. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from schemas.records.unused import NO_NAME

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_get = dict.get


class Remembering(dict[str, Any]):
    """The same object, and all objects in it likewise; the ones that it was made from stay."""

    __slots__ = ("_asked",)

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__(block)
        self._asked: set[str] = set()
        for name, value in block.items():
            if isinstance(value, dict):
                self[name] = Remembering(value)
            elif isinstance(value, list):
                self[name] = [_remembering(one) for one in value]

    def get(self, name: str, default: Any = None) -> Any:
        """As a dictionary does."""
        self._asked.add(name)
        return _get(self, name, default)

    def not_asked_for(self, path: str = "") -> Iterator[str]:
        """The path of each field that says something and that nobody asked for."""
        asked = self._asked
        for name, value in self.items():
            if name not in asked:
                if value not in ("", None, [], {}):
                    yield f"{path}{_told(name)}"
            elif isinstance(value, Remembering):
                yield from value.not_asked_for(f"{path}{_told(name)}.")
            elif isinstance(value, list):
                yield from _in_each(value, f"{path}{_told(name)}.")


def _remembering(value: Any) -> Any:
    if isinstance(value, dict):
        return Remembering(value)
    return [_remembering(one) for one in value] if isinstance(value, list) else value


def _in_each(values: list[Any], path: str) -> Iterator[str]:
    for one in values:
        if isinstance(one, Remembering):
            yield from one.not_asked_for(path)


@lru_cache(maxsize=1024)
def _told(name: str) -> str:
    """The name of a field as it may be told; of senders' own words only that they are some."""
    return name if _NAME.fullmatch(name) else NO_NAME
