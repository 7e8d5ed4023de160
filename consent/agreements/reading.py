"""An agreement from its JSON file: read strictly, and refused by element, never by value."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from consent.agreement import Agreement, AgreementRule
from consent.errors import AgreementInvalidError
from consent.model import Mode
from schemas.vocabulary import Category, Purpose, Source

MOST_BYTES = 262_144
_MOST_RULES = 200
_MOST_LETTERS = 200
_MOST_PARTIES = 100
_REQUIRED = frozenset({"version", "title", "valid_from", "valid_until", "rules"})
_OPTIONAL = frozenset({"parties"})
_RULE_REQUIRED = frozenset({"agencies", "categories", "purposes"})
_RULE_OPTIONAL = frozenset({"sources", "modes"})
# What the ledger takes as one half of a policy version (consent.ledger.fields.CODE_TEXT).
_VERSION = re.compile(r"(?!.*[0-9]{6})[a-z][a-z0-9._-]{0,39}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_Code = TypeVar("_Code", bound=Enum)


def agreement_from_json(text: str | bytes) -> Agreement:
    """The agreement that a file states.

    `version`, `title`, `valid_from`, `valid_until` (days, both included), `parties` if wanted, and
    `rules`: each with `agencies`, `categories` and `purposes`, and with `sources` and `modes`
    where it is not about all of them. Raises AgreementInvalidError naming the element for whatever
    is missing, unknown, empty, doubled or of another form.
    """
    document = _object(_parsed(text), "agreement", _REQUIRED, _OPTIONAL)
    begins, ends = _day(document, "valid_from"), _day(document, "valid_until")
    if ends < begins:
        raise AgreementInvalidError("valid_until", "is-before-valid_from")
    return Agreement(
        version=_version(document["version"]),
        title=_words(document["title"], "title"),
        valid_from=begins,
        valid_until=ends,
        rules=_each(document["rules"], "rules", _rule, most=_MOST_RULES),
        parties=_parties(document),
    )


def _parsed(text: str | bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise AgreementInvalidError("agreement", f"is-longer-than-{MOST_BYTES}-bytes")
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(plain, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise AgreementInvalidError("agreement", "is-not-json") from None


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AgreementInvalidError("agreement", "names-an-element-twice")
    return found


def _object(
    value: Any, element: str, required: Collection[str], optional: Collection[str]
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AgreementInvalidError(element, "is-not-an-object")
    missing = sorted(set(required) - value.keys())
    if missing:
        raise AgreementInvalidError(element, f"lacks {', '.join(missing)}")
    if value.keys() - set(required) - set(optional):
        known = ", ".join(sorted({*required, *optional}))
        raise AgreementInvalidError(element, f"has-an-unknown-element; known are {known}")
    return value


def _rule(value: Any, element: str) -> AgreementRule:
    rule = _object(value, element, _RULE_REQUIRED, _RULE_OPTIONAL)

    def codes(name: str, known: type[_Code]) -> frozenset[_Code]:
        return _codes(rule[name], f"{element}.{name}", known)

    return AgreementRule(
        agencies=codes("agencies", Source),
        categories=codes("categories", Category),
        purposes=codes("purposes", Purpose),
        sources=codes("sources", Source) if "sources" in rule else frozenset(),
        modes=codes("modes", Mode) if "modes" in rule else frozenset(Mode),
    )


def _codes(value: Any, element: str, known: type[_Code]) -> frozenset[_Code]:
    def code(each: Any, place: str) -> _Code:
        try:
            return known(each)
        except ValueError:
            listed = ", ".join(str(one.value) for one in known)
            raise AgreementInvalidError(place, f"is-none-of: {listed}") from None

    found = _each(value, element, code, most=len(known))
    if len(set(found)) != len(found):
        raise AgreementInvalidError(element, "names-something-twice")
    return frozenset(found)


_Made = TypeVar("_Made")


def _each(
    value: Any, element: str, make: Callable[[Any, str], _Made], *, most: int
) -> tuple[_Made, ...]:
    """Every item of a list that is not empty: nothing listed must not come to mean everything."""
    if not isinstance(value, list):
        raise AgreementInvalidError(element, "is-not-a-list")
    if not value:
        raise AgreementInvalidError(element, "is-empty")
    if len(value) > most:
        raise AgreementInvalidError(element, f"has-more-than-{most}")
    return tuple(make(each, f"{element}[{number}]") for number, each in enumerate(value))


def _parties(document: Mapping[str, Any]) -> tuple[str, ...]:
    if "parties" not in document:
        return ()
    return _each(document["parties"], "parties", _words, most=_MOST_PARTIES)


def _words(value: Any, element: str) -> str:
    if not isinstance(value, str):
        raise AgreementInvalidError(element, "is-not-text")
    if not value.strip() or len(value) > _MOST_LETTERS or not value.isprintable():
        raise AgreementInvalidError(element, f"is-not-one-line-of-up-to-{_MOST_LETTERS}-letters")
    return value


def _version(value: Any) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise AgreementInvalidError(
            "version",
            "is-not-a-lower-case-letter-and-up-to-39-letters-digits-dots-dashes-or-underscores, "
            "never-six-digits-in-a-row",
        )
    return value


def _day(document: Mapping[str, Any], element: str) -> date:
    value = document[element]
    try:
        day = (
            date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
        )
    except ValueError:
        day = None
    if day is None or day == date.max:  # after which there is no day
        raise AgreementInvalidError(element, "is-not-a-day: YYYY-MM-DD")
    return day
