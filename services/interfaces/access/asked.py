"""A question to what is on record, read strictly: what is not understood makes it no question.

AuthZEN lets receivers leave aside what they do not know. Here that would answer a question that
nobody asked (`categories` for `category` would ask about everything), so an unknown key, a
misspelt code, an empty list or null is refused before anybody is looked up: what was typed is told
plainly, because it tells nothing of what is held.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from consent.errors import DecisionInvalidError
from consent.model import Mode
from schemas.vocabulary import Category, Label, LabelledCode, Purpose, Source
from services.interfaces.access.authzen import EvaluationRequest
from services.interfaces.access.words import EXISTENCE_WORDS, action_word, plain
from services.people.persons.subjects import subject_from_text

_Code = TypeVar("_Code", bound=LabelledCode)
_READ = frozenset({"read", "view", "get", "access", "fetch", "open"})
_ABOUT_SOMEBODY = frozenset({"person", "patient", "child"})
_DESCRIBES = frozenset({"category", "source", "labels"})


class NoQuestionError(Exception):
    """The request asks nothing that can be answered; names the element that was typed wrongly."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


@dataclass(frozen=True, slots=True)
class Asked:
    """The request in our words. Who is meant, on either side, is not looked up yet."""

    person: str
    practitioner: str
    purpose: Purpose
    mode: Mode
    categories: Sequence[Category]
    sources: Sequence[Source]
    labels: frozenset[Label]


def asked_in(request: EvaluationRequest) -> Asked:
    """What is asked. Raises NoQuestionError."""
    _require_known_keys(request)
    if request.subject.type.lower() != "practitioner":
        raise NoQuestionError("subject.type")
    _require_form_of_id(request.resource.id)
    properties = request.resource.properties
    return Asked(
        person=request.resource.id,
        practitioner=request.subject.id,
        purpose=_purpose(request),
        mode=_mode(request),
        categories=_categories(request),
        sources=_several(Source, properties, "source") or list(Source),
        labels=frozenset(_several(Label, properties, "labels", may_be_none=True)),
    )


def _require_known_keys(request: EvaluationRequest) -> None:
    """Whatever says more than we understand may mean something else."""
    _require_nothing_beside(request.model_extra, "")
    for name in ("subject", "action", "resource"):
        entity = getattr(request, name)
        _require_nothing_beside(entity.model_extra, f"{name}.")
    _require_only(request.subject.properties, (), "subject.properties.")
    _require_only(request.action.properties, (), "action.properties.")
    _require_only(request.resource.properties, _DESCRIBES, "resource.properties.")
    _require_only(request.context, {"purpose"}, "context.")


def _require_nothing_beside(extra: Mapping[str, Any] | None, place: str) -> None:
    _require_only(extra or {}, (), place)


def _require_only(found: Mapping[str, Any], known: Collection[str], place: str) -> None:
    words = [plain(key) for key in found]
    if not set(words) <= set(known):
        raise NoQuestionError(f"{place}*")
    if len(set(words)) < len(words):  # one key in two spellings
        raise NoQuestionError(f"{place}*")


def _require_form_of_id(text: str) -> None:
    """A number says which kind it is and has its check digit; an opaque id has no form to fail."""
    if ":" in text:
        try:
            subject_from_text(text)
        except DecisionInvalidError:
            raise NoQuestionError("resource.id") from None


def _categories(request: EvaluationRequest) -> Sequence[Category]:
    """The category that the resource is, or those that it states; never "any"."""
    kind = request.resource.type.lower()
    stated = _several(Category, request.resource.properties, "category")
    if kind in set(Category):
        if set(stated) - {Category(kind)}:
            raise NoQuestionError("resource.properties.category")
        return [Category(kind)]
    if kind not in _ABOUT_SOMEBODY:
        raise NoQuestionError("resource.type")
    if not stated:
        raise NoQuestionError("resource.properties.category")
    return stated


def _purpose(request: EvaluationRequest) -> Purpose:
    stated = _several(Purpose, request.context, "purpose", place="context")
    if len(stated) != 1:
        raise NoQuestionError("context.purpose")
    return stated[0]


def _mode(request: EvaluationRequest) -> Mode:
    word = action_word(request.action.name)
    if word not in _READ | EXISTENCE_WORDS:
        raise NoQuestionError("action.name")
    return Mode.EXISTENCE if word in EXISTENCE_WORDS else Mode.CONTENT


def _several(
    codes: type[_Code],
    found: Mapping[str, Any],
    name: str,
    *,
    place: str = "resource.properties",
    may_be_none: bool = False,
) -> list[_Code]:
    """The codes under this key, each once; none where the key is absent, and only there."""
    values = [value for key, value in found.items() if plain(key) == name]
    if not values:
        return []
    listed = values[0] if isinstance(values[0], list) else [values[0]]
    if not listed and not may_be_none:
        raise NoQuestionError(f"{place}.{name}")
    return list(dict.fromkeys(_code(codes, value, f"{place}.{name}") for value in listed))


def _code(codes: Callable[[str], _Code], value: Any, element: str) -> _Code:
    if not isinstance(value, str):
        raise NoQuestionError(element)
    try:
        return codes(value)
    except ValueError:
        raise NoQuestionError(element) from None
