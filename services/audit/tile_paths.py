"""The addresses of tiles: `x001/x234/067` and `.p/17` for a part (c2sp.org/tlog-tiles)."""

import re
from dataclasses import dataclass

from services.audit.published_ledger import TILE_WIDTH

_HIGHEST_LEVEL = 63
_LEVEL = re.compile(r"0|[1-9][0-9]?")
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class TilePath:
    """Which tile, and how many of its hashes."""

    level: int
    index: int
    width: int

    @classmethod
    def parse(cls, level: str, place: str) -> "TilePath | None":
        """Read an address that has exactly one spelling; None for anything else."""
        match = _PLACE.fullmatch(place)
        if match is None or not _LEVEL.fullmatch(level) or int(level) > _HIGHEST_LEVEL:
            return None
        groups, last, part = match.groups()
        width = TILE_WIDTH if part is None else int(part)
        if groups.startswith("x000/") or (part is not None and width >= TILE_WIDTH):
            return None
        digits = groups.replace("x", "").replace("/", "") + last
        return cls(int(level), int(digits), width)
