"""Looking for values in requests, however their keys are spelt and their values are written."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from consent.fhir_consent.codes import Code, code_of
from consent.fhir_consent.references import Name, identifier_name, reference_name
from services.access.words import plain

Properties = Mapping[str, Any]


def found(places: Iterable[Properties], *names: str) -> list[Any]:
    """All values under any of these keys in the first place that has one; lists are opened."""
    wanted = {plain(name) for name in names}
    for place in places:
        values = [value for key, value in place.items() if plain(key) in wanted]
        flat = [item for value in values for item in opened(value)]
        if flat or any(value == [] for value in values):
            return flat
    return []


def is_stated(places: Iterable[Properties], *names: str) -> bool:
    """Whether one of these keys is there and says something, be it an empty list."""
    wanted = {plain(name) for name in names}
    return any(
        plain(key) in wanted and value is not None
        for place in places
        for key, value in place.items()
    )


def opened(value: Any) -> Iterator[Any]:
    """A list's items; any other value itself; nothing for null and empty text."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from opened(item)
    elif value not in (None, ""):
        yield value


def codes_meant(values: Iterable[Any], named: Callable[[str], Code]) -> Iterator[Code]:
    """Codes written as `system|code`, as Coding or CodeableConcept, or as a bare word."""
    for value in values:
        if isinstance(value, str):
            yield _written_code(value, named)
        elif isinstance(value, Mapping):
            yield from codes_meant(opened(value.get("coding")), named)
            code = value.get("code", value.get("value"))
            if isinstance(code, str):
                system = value.get("system")
                yield code_of(system, code) if isinstance(system, str) and system else named(code)
            else:
                yield from codes_meant(opened(code), named)


def names_meant(values: Iterable[Any], kinds: Iterable[str] = ()) -> Iterator[Name]:
    """Names written as references, identifiers, `{type, id}`, or bare ids of one of the kinds."""
    known = tuple(kinds)
    for value in values:
        if isinstance(value, str):
            yield from _written_names(value, known)
        elif isinstance(value, Mapping):
            yield from _names_in(value, known)


def _written_code(text: str, named: Callable[[str], Code]) -> Code:
    for separator in ("|", "#"):
        system, found_, code = text.rpartition(separator)
        if found_ and (":" in system or not system):
            return code_of(system, code) if system else named(code)
    return named(text)


def _written_names(text: str, kinds: tuple[str, ...]) -> Iterator[Name]:
    if "|" in text or "/" in text or text.startswith("urn:"):
        yield text if "|" in text else reference_name(text)
        return
    yield text
    yield from (f"{kind}/{text}" for kind in kinds)


def _names_in(value: Properties, kinds: tuple[str, ...]) -> Iterator[Name]:
    if isinstance(reference := value.get("reference"), str):
        yield reference_name(reference)
    if isinstance(text := value.get("value"), str):
        system = value.get("system")
        yield identifier_name(system if isinstance(system, str) else None, text)
    yield from names_meant(opened(value.get("identifier")))
    if isinstance(own := value.get("id"), str):
        kind = value.get("type", value.get("resourceType"))
        yield from _written_names(own, (kind,) if isinstance(kind, str) else kinds)
