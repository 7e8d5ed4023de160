"""JSON bodies of pushes: an envelope that is ambiguous is refused, data is left to its reader."""

import json
from typing import Any

from services.partners.errors import BodyUnreadableError

_BOM = b"\xef\xbb\xbf"


class DoubledNames(dict[str, Any]):
    """An object that holds a name twice: written again it holds it twice again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Every pair, also those whose name comes again."""
        return self._pairs


def read_json_body(body: bytes) -> Any:
    """The document in a body (RFC 8259). Raises BodyUnreadableError.

    Objects with a name twice are DoubledNames, for whoever reads them to refuse.
    """
    try:
        text = body.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise BodyUnreadableError("body: not-utf-8") from None
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except RecursionError:
        raise BodyUnreadableError("body: too-deep") from None
    except ValueError:
        raise BodyUnreadableError("body: not-json") from None


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    return names if len(names) == len(pairs) else DoubledNames(pairs)
