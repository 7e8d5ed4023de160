"""What each level of agreement is worth, in bits: learned from data, kept with how it was made."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from services.errors import ServiceError
from services.linking.comparing import Field, Level

_SMALLEST = 1e-6


class WeightsInvalidError(ServiceError):
    """The file of weights cannot be used; the message names the place in it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Bits for each field and level: log2(m/u) (Fellegi and Sunter 1969); `version` names them."""

    version: str
    bits: Mapping[tuple[Field, Level], float]

    def of(self, field: Field, level: Level) -> float:
        """What it is worth; what is not known is worth nothing either way."""
        return 0.0 if level is Level.NOT_KNOWN else self.bits[field, level]


def shipped_weights() -> Weights:
    """The weights that come with the program (services/linking/weights.json)."""
    text = (files("services.linking") / "weights.json").read_text(encoding="utf-8")
    return weights_from_document(json.loads(text))


def read_weights(path: Path) -> Weights:
    """Weights somebody trained on data of their own. Raises WeightsInvalidError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsInvalidError("weights: is-not-readable-json") from error
    return weights_from_document(document)


def weights_from_document(document: Any) -> Weights:
    """From `{"version", "made", "fields": {field: {level: {"m", "u"}}}}`.

    `m` is the chance of the level among records of one person, `u` among records of different
    people. A field may leave out a level that cannot occur. Raises WeightsInvalidError.
    """
    if not isinstance(document, dict) or not isinstance(document.get("fields"), dict):
        raise WeightsInvalidError("weights.fields: is-missing")
    bits = {}
    for field in Field:
        levels = document["fields"].get(field.value)
        if not isinstance(levels, dict):
            raise WeightsInvalidError(f"weights.fields.{field.value}: is-missing")
        for name, chances in levels.items():
            bits[field, _level(field, name)] = _bits(field, name, chances)
    return Weights(str(document.get("version", "")), bits)


def _level(field: Field, name: str) -> Level:
    try:
        return Level(name)
    except ValueError:
        raise WeightsInvalidError(f"weights.fields.{field.value}: names-no-level") from None


def _bits(field: Field, name: str, chances: Any) -> float:
    try:
        m, u = float(chances["m"]), float(chances["u"])
    except (KeyError, TypeError, ValueError):
        m, u = -1.0, -1.0
    if not (0 <= m <= 1 and 0 <= u <= 1):
        raise WeightsInvalidError(f"weights.fields.{field.value}.{name}: is-not-m-and-u")
    return math.log2(max(m, _SMALLEST) / max(u, _SMALLEST))
