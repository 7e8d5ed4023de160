"""What a record says, as lines of a label and words: every field that is there, none left out."""

from collections.abc import Iterator
from dataclasses import fields

from schemas.records.payloads import Address, Coding, Payload, Period, Telecom
from services.linking.facts import LinkFacts, Numbers

_NOT_STATED: tuple[object, ...] = (None, "", (), False)


def lines_of(payload: Payload) -> tuple[tuple[str, str], ...]:
    """Label and words for each field that says something, in the order of the fields."""
    return tuple(_lines(payload))


def lines_of_facts(facts: LinkFacts) -> tuple[tuple[str, str], ...]:
    """The same for what is kept to tell people apart; numbers by their scheme."""
    numbers = {label: "; ".join(v for _, v in found) for label, found in _numbers(facts)}
    said = {
        "Given names": "; ".join(sorted(facts.given_names)),
        "Family names": "; ".join(sorted(facts.family_names)),
        "Date of birth": facts.date_of_birth,
        **numbers,
        "Number not verified": facts.stated_number,
        "Birth order": facts.birth_order,
    }
    return tuple((label, str(words)) for label, words in said.items() if words)


def _numbers(facts: LinkFacts) -> tuple[tuple[str, Numbers], ...]:
    return (("Numbers", facts.numbers), ("Former numbers", facts.former_numbers))


def _lines(payload: Payload) -> Iterator[tuple[str, str]]:
    for field in fields(payload):
        value = getattr(payload, field.name)
        if field.name == "details":
            yield from value
        elif words := _words(value, is_flag=field.type in {"bool | None", bool | None}):
            yield field.name.replace("_", " ").capitalize(), words


def _words(value: object, *, is_flag: bool = False) -> str:
    """The words for a value; a flag that may be not stated says no as well."""
    if isinstance(value, bool) and (is_flag or value):
        return "Yes" if value else "No"
    if value in _NOT_STATED:
        return ""
    if isinstance(value, tuple):
        return "; ".join(_words(item) for item in value)
    return _words_of_part(value)


def _words_of_part(value: object) -> str:
    match value:
        case Period():
            words = " to ".join(end for end in (value.start or "not stated", value.end) if end)
        case Address():
            place = ", ".join(part for part in (*value.lines, value.postcode) if part)
            words = ", ".join(
                part for part in (f"{place} ({value.use})", _words(value.period)) if part
            )
        case Telecom():
            words = f"{value.value} ({value.system})"
        case Coding():
            words = f"{value.display} ({value.system} {value.code})"
        case _:
            words = str(value)
    return "" if value == Period() else words
