"""Values as people read them: amounts with their units, coded results, days, and what is missing.

Nothing is worked out: an amount stands as it was sent, with the unit that was sent. What was
written freely has no words here and stays at its source. Sources: FHIR STU3, Observation.value[x],
datatypes Quantity, Range and Ratio (R4's valueInteger too); UCUM for the codes of units.
"""

import re
from collections.abc import Callable
from typing import Final

from connectors.health_visiting.clinical.timeliness import day_in_words
from connectors.health_visiting.nems.labels import INTERPRETATIONS, needs_a_unit
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    codings_of,
    is_date_time,
    value,
    words_of,
)

_AMOUNT: Final = r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})?"
_DECIMAL = re.compile(_AMOUNT)
_COMPARED: Final = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_YES_OR_NO: Final = {"true": "Yes", "false": "No"}
_TIME = re.compile(r"[0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?")
_UNNAMED: Final = "A result without a name here"
_UNREADABLE_DAY: Final = "A date that cannot be read"

# Units, by UCUM's code or as systems write them, in the words or signs that people use.
_UNITS: Final = {
    "mm[Hg]": "mmHg",
    "mm Hg": "mmHg",
    "millimetersofmercury": "mmHg",
    "millimetresofmercury": "mmHg",
    "degreescelsius": "°C",
    "Cel": "°C",
    "degC": "°C",
    "[degF]": "°F",
    "kg/m2": "kg/m²",
    "/min": "per minute",
    "wk": "weeks",
    "d": "days",
    "mo": "months",
    "a": "years",
    "h": "hours",
    "min": "minutes",
    "ml": "ml",
    "mL": "ml",
    "[lb_av]": "lb",
    "[oz_av]": "oz",
    "[in_i]": "in",
    "[ft_i]": "ft",
    "gram": "g",
    "grams": "g",
    "kilogram": "kg",
    "kilograms": "kg",
    "kgs": "kg",
    "centimeter": "cm",
    "centimeters": "cm",
    "centimetre": "cm",
    "centimetres": "cm",
    "cms": "cm",
    "week": "weeks",
    "day": "days",
    "month": "months",
    "year": "years",
    "lbs": "lb",
    "percent": "%",
    "beats/minute": "per minute",
    "breaths/minute": "per minute",
    "bpm": "per minute",
}
_LONGEST_UNIT: Final = 20
_ANNOTATION = re.compile(r"\{[^}]*\}")
_OF_SCORES: Final = frozenset({"", "1", "s", "score", "scores", "point", "points"})
# Written as text, but no more free than a code: an amount, or one of these.
_CLOSED = re.compile(
    r"yes|no|positive|negative|normal|abnormal|present|absent|pass|passed|refer|done|not done"
    r"|declined|refused|satisfactory|unsatisfactory|not seen|(?:no )?clear response",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"(?P<compared>[<>]=?)?\s*(?P<amount>[0-9]{1,5}(?:\.[0-9]{1,3})?(?:/[0-9]{1,5})?)"
    r"\s*(?P<unit>%|kg|g|cm|mm|m|mmHg|°C|lb|oz|kg/m²)?"
)
_ABSENT: Final = {
    "unknown": "not known",
    "asked": "asked, but not known",
    "asked-unknown": "asked, but not known",
    "asked-declined": "asked, but declined",
    "temp": "not known yet",
    "temp-unknown": "not known yet",
    "not-asked": "not asked",
    "masked": "withheld",
    "error": "measuring failed",
    "not-performed": "not performed",
    "not-applicable": "does not apply",
    "unsupported": "the source's system cannot say",
}
_AS_TEXT: Final = frozenset({"astext", "as-text"})


def result_in_words(observation: Node, *, is_score: bool = False) -> str | None:
    """What an Observation or a component of one found; None where it says nothing in codes.

    `is_score` is for what belongs to a scale: an amount without a unit is then a score.
    """
    if child(observation, "dataAbsentReason") is not None:
        return _absent(observation)
    scored, amount = _amount(observation, is_score=is_score)
    found, judged = _coded(observation), _interpretation(observation)
    if scored:
        coded = judged or found
        return f"Score {amount}" if coded is None else f"{begun(coded)} (score {amount})"
    stated = amount or found or _otherwise(observation)
    if stated is None:
        return begun(judged)
    return begun(stated if judged is None else f"{stated} ({judged})")


def answer_in_words(answer: Node) -> str | None:
    """What one answer of a QuestionnaireResponse says; None where it was written freely."""
    coded = answer.get("valueCoding")
    if isinstance(coded, list):
        return words_of({"coding": coded}, unnamed="An answer without a name here")
    return _quantity(child(answer, "valueQuantity")) or _otherwise(answer)


def begun(words: str | None) -> str | None:
    """The words as a line begins with them."""
    return None if words is None else words[:1].upper() + words[1:]


def _amount(observation: Node, *, is_score: bool) -> tuple[bool, str | None]:
    """Whether it is a score, and how much."""
    quantity = child(observation, "valueQuantity")
    text = value(observation, "valueString") or value(observation, "valueInteger")
    if is_score and quantity is None and text is not None and _DECIMAL.fullmatch(text):
        return True, _as_read(text)
    if is_score and (value(quantity, "unit") or "").casefold() in _OF_SCORES:
        amount = _quantity(quantity, without_unit=True)
        return amount is not None, amount
    codes = (coding.code for coding in codings_of(child(observation, "code")))
    return False, _quantity(quantity, needs_unit=any(map(needs_a_unit, codes)))


def _quantity(
    quantity: Node | None, *, needs_unit: bool = False, without_unit: bool = False
) -> str | None:
    amount = value(quantity, "value")
    if quantity is None or amount is None or not _DECIMAL.fullmatch(amount):
        return None
    parts = [_COMPARED.get(value(quantity, "comparator") or ""), _as_read(amount)]
    unit = "" if without_unit else _unit(quantity)
    if needs_unit and not unit:
        unit = "(unit not stated)"
    return " ".join(part for part in (*parts, unit) if part)


def _unit(quantity: Node) -> str:
    """The unit as sent; where its code names another one, both."""
    unit, code = _plain_unit(value(quantity, "unit")), _plain_unit(value(quantity, "code"))
    known = set(_UNITS.values()) | {"kg", "g", "cm", "mm", "m"}
    if unit in known and code in known and unit != code:
        return f"{unit} (by its code: {code})"
    return unit or code


def _plain_unit(unit: str | None) -> str:
    plain = _ANNOTATION.sub("", unit or "").strip()
    if len(plain) > _LONGEST_UNIT:
        return "(unit written at its source)"
    return "" if plain == "1" else _UNITS.get(plain) or _UNITS.get(plain.casefold(), plain)


def _as_read(amount: str) -> str:
    whole, point, rest = amount.partition(".")
    return whole if point and not rest.strip("0") else amount


def _coded(observation: Node) -> str | None:
    concept = child(observation, "valueCodeableConcept")
    return None if concept is None else words_of(concept, unnamed=_UNNAMED)


def _interpretation(observation: Node) -> str | None:
    found = [_judged(concept) for concept in children(observation, "interpretation")]
    return ", ".join(words for words in found if words) or None


def _judged(concept: Node) -> str | None:
    said = words_of(concept)
    return INTERPRETATIONS.get(said or "") or words_of(concept, unnamed=_UNNAMED)


def _otherwise(node: Node) -> str | None:
    """Values that are neither an amount nor coded, each by its type's name."""
    return next((words for name, read in _TYPES.items() if (words := read(node, name))), None)


def _flag(node: Node, name: str) -> str | None:
    return _YES_OR_NO.get(value(node, name) or "")


def _number(node: Node, name: str) -> str | None:
    text = value(node, name) or ""
    return _as_read(text) if _DECIMAL.fullmatch(text) else None


def _range(node: Node, name: str) -> str | None:
    low, high = (_quantity(child(child(node, name) or {}, end)) for end in ("low", "high"))
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else None


def _ratio(node: Node, name: str) -> str | None:
    parts = [child(child(node, name) or {}, part) for part in ("numerator", "denominator")]
    over, under = (_quantity(part) for part in parts)
    if over is None or under is None:
        return None
    has_units = any(part and _unit(part) for part in parts)
    return f"{over} per {under}" if has_units else f"{over}:{under}"


def _day(node: Node, name: str) -> str | None:
    text = value(node, name)
    if text is None:
        return None
    return day_in_words(text) if is_date_time(text) else _UNREADABLE_DAY


def _span(node: Node, name: str) -> str | None:
    period = child(node, name)
    ends = (f"{word} {day}" for word, end in (("from", "start"), ("until", "end"))
            if period is not None and (day := _day(period, end)))  # fmt: skip
    return " ".join(ends) or None


def _time(node: Node, name: str) -> str | None:
    text = value(node, name) or ""
    return text[: len("HH:MM")] if _TIME.fullmatch(text) else None


def _closed_text(node: Node, name: str) -> str | None:
    text = value(node, name) or ""
    measured = _MEASURED.fullmatch(text)
    if measured is None:
        return text if _CLOSED.fullmatch(text) else None
    said = (_COMPARED.get(measured["compared"] or ""), measured["amount"], measured["unit"])
    return " ".join(part for part in said if part)


_TYPES: Final[dict[str, Callable[[Node, str], str | None]]] = {
    "valueBoolean": _flag,
    "valueInteger": _number,
    "valueDecimal": _number,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valueDateTime": _day,
    "valueDate": _day,
    "valuePeriod": _span,
    "valueTime": _time,
    "valueString": _closed_text,
}


def _absent(observation: Node) -> str | None:
    """Why there is no value; what is said to be absent is, whatever stands beside it (obs-6)."""
    reason = child(observation, "dataAbsentReason")
    coding = coding_of(reason)
    if coding is not None and coding.code in _AS_TEXT:
        return None
    words = words_of(reason) or "no reason stated"
    if coding is not None and words == coding.code:
        words = _ABSENT.get(words) or words.replace("-", " ")
    return f"Not recorded: {words[:1].lower()}{words[1:]}"
