"""The rules of retention from their JSON file: read strictly, refused by element, not by value."""

import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from consent.ledger_fields import CODE_TEXT
from schemas.topics import TOPICS
from schemas.vocabulary import Category, Source
from services.aggregation.retention import Duration, Housekeeping, RetentionRule, RetentionRules
from services.errors import RetentionRulesInvalidError

STANDARD = Path(__file__).with_name("retention_standard.json")
_MONTHS_A_YEAR = 12
_UNITS = {"Y": _MONTHS_A_YEAR, "M": 1}
_DAYS_A_MONTH = 28
_LONGEST_ON_THE_BUS = max(t.retention.days for t in TOPICS if t.retention is not None)


def _duration(text: object) -> Duration:
    """P3Y or P14M (ISO 8601): whole years or months, one at least."""
    if isinstance(text, str) and text[:1] == "P" and text[-1:] in _UNITS:
        number = text[1:-1]
        if number.isascii() and number.isdigit() and 0 < len(number) <= 3 and int(number):  # noqa: PLR2004 digits
            return Duration(int(number) * _UNITS[text[-1]])
    raise ValueError("not a duration")


def _code(text: str) -> str:
    """What the ledger takes as a code."""
    if not re.fullmatch(CODE_TEXT, text):
        raise ValueError("not a code")
    return text


_Code = Annotated[str, AfterValidator(_code)]
_Duration = Annotated[Duration, BeforeValidator(_duration)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Rule(_Strict):
    id: _Code
    sources: frozenset[Source] = Field(min_length=1)
    categories: frozenset[Category] = Field(min_length=1)
    at_most: _Duration
    after_end: _Duration | None = None
    until_age: int | None = Field(default=None, ge=0, le=120)
    while_it_goes_on: bool = False
    the_source_keeps: str
    because: str = Field(min_length=1)


class _Housekeeping(_Strict):
    looks: _Duration
    facts: _Duration
    parked: _Duration
    outcomes: _Duration
    removals: _Duration
    handled_events: _Duration
    files_read: _Duration


class _File(_Strict):
    version: _Code
    rules: tuple[_Rule, ...]
    housekeeping: _Housekeeping


def retention_rules(path: Path | None) -> RetentionRules:
    """The rules of this file; of the standard one where none is named.

    Every pair of source and category needs a rule, and every rule a longest time, so that nothing
    is kept for ever by having been forgotten. Raises RetentionRulesInvalidError.
    """
    try:
        content = (path or STANDARD).read_bytes()
    except OSError as error:
        raise RetentionRulesInvalidError(
            "file", f"cannot be read ({type(error).__name__})"
        ) from None
    return rules_from_json(content)


def rules_from_json(content: bytes) -> RetentionRules:
    """The rules that a file states. Raises RetentionRulesInvalidError naming the element."""
    try:
        told = _File.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        element = ".".join(str(part) for part in first["loc"]) or "file"
        raise RetentionRulesInvalidError(element, f"is wrong ({first['type']})") from None
    rules = tuple(RetentionRule(**dict(rule)) for rule in told.rules)
    _require_each_id_once([rule.id for rule in rules])
    _require_a_rule_for_everything(rules)
    _require_longer_than_the_bus(told.housekeeping)
    housekeeping = Housekeeping(**dict(told.housekeeping))
    return RetentionRules(told.version, sha256(content).hexdigest(), rules, housekeeping)


def _require_each_id_once(ids: Collection[str]) -> None:
    if len(set(ids)) != len(ids):
        raise RetentionRulesInvalidError("rules", "name an id twice")


def _require_a_rule_for_everything(rules: Collection[RetentionRule]) -> None:
    missing = next(_without_rule(rules), None)
    if missing is not None:
        source, category = missing
        raise RetentionRulesInvalidError(
            "rules", f"have none for {category.value} of {source.value}"
        )


def _without_rule(rules: Collection[RetentionRule]) -> Iterator[tuple[Source, Category]]:
    for source, category in product(Source, Category):
        if not any(rule.is_for(source, category) for rule in rules):
            yield source, category


def _require_longer_than_the_bus(told: _Housekeeping) -> None:
    """What still comes again from the bus must be known to have been handled, or removed."""
    for name in ("handled_events", "removals"):
        duration: Duration = getattr(told, name)
        if duration.months * _DAYS_A_MONTH <= _LONGEST_ON_THE_BUS:
            what = f"is not longer than the bus keeps events ({_LONGEST_ON_THE_BUS} days)"
            raise RetentionRulesInvalidError(f"housekeeping.{name}", what)
