"""The figures that rules of unusual access go by: from one TOML file, read strictly. Pure."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from consent.ledger.fields import CODE_TEXT
from consent.model import RelationshipGround
from services.platform.errors import ServiceError

STANDARD = Path(__file__).with_name("rules_standard.toml")


class UnusualRulesInvalidError(ServiceError):
    """A file of rules cannot be used: mend the element that it names."""


def _as_code(text: str) -> str:
    if not re.fullmatch(CODE_TEXT, text):
        raise ValueError("not a code")
    return text


_Code = Annotated[str, AfterValidator(_as_code)]
_Count = Annotated[int, Field(ge=1, le=10_000)]
_Days = Annotated[int, Field(ge=1, le=3660)]
_Hour = Annotated[int, Field(ge=0, le=23)]


class _UnusualPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _People(_UnusualPart):
    surname_bits: float = Field(ge=0, le=64)


class _Hours(_UnusualPart):
    night_from: _Hour
    night_until: _Hour


class _Refused(_UnusualPart):
    times: _Count
    within_minutes: int = Field(ge=1, le=24 * 60)
    then_allowed_within_hours: int = Field(ge=1, le=24)


class _Search(_UnusualPart):
    times: _Count


class _Case(_UnusualPart):
    former_after_days: _Days
    work_within_days: _Days
    claimed: frozenset[RelationshipGround]


class _Family(_UnusualPart):
    more_practitioners_than: _Count


class _Volume(_UnusualPart):
    days: _Days
    percentile: int = Field(ge=50, le=100)
    times_usual: float = Field(ge=1, le=1000)
    fewest: _Count
    fewest_peers: _Count
    periods_of_usual: int = Field(ge=1, le=24)


class _Review(_UnusualPart):
    quiet_days: _Days
    working_days: _Count
    emergency_working_days: _Count
    kept_days: _Days


class HeldBackRules(_UnusualPart):
    """In how many days looks that families are not told yet are reviewed, and in how many at most.

    A file may ask for it sooner, and never lets it take longer than half a year.
    """

    review_within_days: int = Field(default=28, ge=1, le=90)
    longest_days: int = Field(default=90, ge=1, le=180)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.longest_days < self.review_within_days:
            raise ValueError("the longest time is shorter than the usual one")
        return self


class UnusualSettings(_UnusualPart):
    """The file as a whole; `version` stands in every hit."""

    version: _Code
    since: date = Field(alias="from")
    people: _People
    hours: _Hours
    refused: _Refused
    search: _Search
    case: _Case
    family: _Family
    volume: _Volume
    review: _Review
    held_back: HeldBackRules = HeldBackRules()


def unusual_rules(path: Path | None) -> UnusualSettings:
    """The rules of this file; of the shipped one where none is named.

    Raises UnusualRulesInvalidError, which names the element and never what stands there.
    """
    try:
        content = (STANDARD if path is None else path).read_bytes()
    except OSError as error:
        raise UnusualRulesInvalidError(
            f"the rules of unusual access cannot be read ({type(error).__name__})"
        ) from None
    return unusual_rules_from_toml(content)


def unusual_rules_from_toml(content: bytes) -> UnusualSettings:
    """The rules that a file states. Raises UnusualRulesInvalidError naming the element."""
    try:
        found = UnusualSettings.model_validate(tomllib.loads(content.decode()))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        element = ".".join(str(part) for part in first["loc"]) or "file"
        raise _invalid(element, f"is wrong ({first['type']})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise _invalid("file", "is not TOML in UTF-8") from None
    needed = max(
        found.volume.days * (found.volume.periods_of_usual + 1), found.case.work_within_days
    )
    if found.review.kept_days < needed:
        raise _invalid("review.kept_days", f"is shorter than rules look back ({needed} days)")
    return found


def _invalid(element: str, what: str) -> UnusualRulesInvalidError:
    return UnusualRulesInvalidError(f"the rules of unusual access: {element} {what}")
