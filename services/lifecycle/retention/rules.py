"""How long the shared profile keeps what: rules for each category and source (DOMAIN.md 3.6). Pure.

The shared profile is a copy, so it lets go before the source does. A rule ends a record's time by
whichever comes first: the child's age, a time after what it says has ended, a time after its
source last said it. Where the first two are not known, the last one always is. What goes on as far
as its source knows may last as long as the childhood: a source that tells of changes alone is
silent about what stays as it is, and who works with a child must not be forgotten for that.
"""

import calendar
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.registry import with_every_source
from consent.ledger.fields import CODE_TEXT
from schemas.topics import TOPICS
from schemas.vocabulary import Category, Source
from services.platform.errors import RetentionRulesInvalidError

ADULT_AT = 18
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Duration:
    """Whole calendar months."""

    months: int

    def after(self, day: date) -> date:
        """So much later; the last day of the month where there is no such day in it."""
        return _months_on(day, self.months)

    def before(self, day: date) -> date:
        """So much earlier, likewise."""
        return _months_on(day, -self.months)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long records of these categories from these sources are kept.

    `until_age` counts for what was said of a child: to the end of the year of that birthday.
    `after_end` counts from the end of the month in which what it says ended or happened.
    `at_most` counts from when its source last said it; with `while_it_goes_on` not for what has
    no end and was said of a child, as long as `until_age` lets it. `the_source_keeps` and `because`
    say how long the source's own copy lasts by which law or guidance, and why ours lasts so.
    """

    id: str
    sources: frozenset[Source]
    categories: frozenset[Category]
    at_most: Duration
    after_end: Duration | None = None
    until_age: int | None = None
    while_it_goes_on: bool = False
    the_source_keeps: str = ""
    because: str = ""

    def is_for(self, source: Source, category: Category) -> bool:
        """Whether it is about such records."""
        return source in self.sources and category in self.categories


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """How long the rest is kept that is not the ledger's: rows about rows, none with content."""

    looks: Duration
    facts: Duration
    parked: Duration
    outcomes: Duration
    removals: Duration
    handled_events: Duration
    files_read: Duration
    own_labels: Duration
    codes: Duration
    sheets: Duration
    visits: Duration
    words: Duration


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """The rules in order, the first that fits counts; `sha256` names the file they came from."""

    version: str
    sha256: str
    rules: tuple[RetentionRule, ...]
    housekeeping: Housekeeping

    def rule_for(self, source: Source, category: Category) -> RetentionRule:
        """The rule of such records; reading the file has made sure that there is one."""
        return next(rule for rule in self.rules if rule.is_for(source, category))


@dataclass(frozen=True, slots=True)
class Marks:
    """What may be known of a record without opening it; see `marks_of`."""

    said_on: date
    about_until: date | None = None
    born_year: int | None = None


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _MONTHS_A_YEAR)
    year = min(max(day.year + years, date.min.year), date.max.year)
    _, last = calendar.monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def kept_until(rule: RetentionRule, marks: Marks) -> date:
    """The last day on which a record with these marks is kept."""
    return min(_ends(rule, marks))


def may_last_a_childhood(rule: RetentionRule, marks: Marks) -> bool:
    """Whether it goes on as far as is known, by a rule under which such a thing lasts."""
    return rule.while_it_goes_on and rule.until_age is not None and marks.about_until is None


def together(marks: Iterable[Marks]) -> Marks:
    """The marks of a record and of what completes it: one cannot go without the other.

    The latest of each: what ends an involvement must not go before what began it.
    """
    several = list(marks)
    return Marks(
        max(one.said_on for one in several),
        max((one.about_until for one in several if one.about_until), default=None),
        born_in(one.born_year for one in several),
    )


def born_in(years: Iterable[int | None]) -> int | None:
    """The year of birth where sources say several: the latest, so that nothing goes too early."""
    return max((year for year in years if year is not None), default=None)


def _ends(rule: RetentionRule, marks: Marks) -> Sequence[date]:
    of_age = _of_age(rule, marks)
    if of_age is not None and may_last_a_childhood(rule, marks):
        return [of_age]
    ends = [rule.at_most.after(marks.said_on)]
    if rule.after_end is not None and marks.about_until is not None:
        ends.append(rule.after_end.after(marks.about_until))
    return ends if of_age is None else [*ends, of_age]


def _of_age(rule: RetentionRule, marks: Marks) -> date | None:
    """When their age ends what was said of somebody who may not have been of age yet."""
    born = marks.born_year
    if rule.until_age is None or born is None or marks.said_on.year - born > ADULT_AT:
        return None
    return date(born + rule.until_age, 12, 31)


# The rules from their JSON file: read strictly, refused by element, not by value.

STANDARD = Path(__file__).with_name("retention_standard.json")
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
    # Files from before there was any of these name none.
    own_labels: _Duration = Duration(12)
    codes: _Duration = Duration(1)
    sheets: _Duration = Duration(3)
    visits: _Duration = Duration(12)
    words: _Duration = Duration(24)


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
        content = standard_rules() if path is None else path.read_bytes()
    except OSError as error:
        raise RetentionRulesInvalidError(
            "file", f"cannot be read ({type(error).__name__})"
        ) from None
    return rules_from_json(content)


def standard_rules() -> bytes:
    """The rules as they ship with the program; every source is in those that its row names."""
    return with_every_source(
        STANDARD.read_bytes(),
        "sources",
        lambda row, rule: row.retention.issuperset(rule["categories"]),
    )


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
