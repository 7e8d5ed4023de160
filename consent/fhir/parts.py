"""What a question asks about, one thing at a time (DESIGN.md section 4, rule 8).

Several codes of one system are alternatives: a piece of data is of one resource type and of one
category of ours, so who names two asks about two kinds. The same holds of codes of one
terminology, and of our own sources. Codes of several systems describe one piece of data together,
and so do its labels. A question is yes only if it is yes about each part.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from consent.fhir.elements import Name
from consent.fhir.question import (
    ClassCriterion,
    CodeCriterion,
    Criterion,
    Data,
    DataCriterion,
    DataReference,
    LabelCriterion,
    Meaning,
)
from consent.fhir.vocabulary import OWN_AGENCY, Code, existence_of
from consent.question import Effect

MOST_PARTS = 1000
_OWN_SOURCE = f"{OWN_AGENCY}|"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked about; `criteria` tell it from the others of the question."""

    data: Data
    criteria: tuple[Criterion, ...] = ()


_Choice = tuple[Criterion, Mapping[str, Any]]
"""By what one alternative is told from the others, and how data of it is described."""


def parts_of(data: Data) -> tuple[Part, ...] | None:
    """Everything that is asked about, each alone; None where it is more than MOST_PARTS."""
    choices = [*_categories(data), *_classes(data), *_codes(data), *_sources(data)]
    if prod(map(len, choices)) > MOST_PARTS:
        return None
    return tuple(_part(data, picked) for picked in product(*choices))


def _part(data: Data, picked: Iterable[_Choice]) -> Part:
    known = tuple(picked)
    for _, described in known:
        data = replace(data, **described)
    return Part(data, tuple(criterion for criterion, _ in known))


def _categories(data: Data) -> Iterator[list[_Choice]]:
    for codes in _alternatives(data.categories):
        yield [_category(code, data) for code in codes]


def _category(code: Code, data: Data) -> _Choice:
    one = frozenset({code})
    existence = existence_of(one) if data.existence else data.existence
    criterion = LabelCriterion(one, Effect.PERMIT, {"securityLabel": [_coding(code)]})
    return criterion, {"categories": one, "existence": existence}


def _classes(data: Data) -> Iterator[list[_Choice]]:
    def criterion(code: Code) -> Criterion:
        return ClassCriterion(frozenset({code}), {"class": [_coding(code)]})

    return _described("classes", data.classes, criterion)


def _codes(data: Data) -> Iterator[list[_Choice]]:
    def criterion(code: Code) -> Criterion:
        return CodeCriterion(frozenset({code}), {"code": [{"coding": [_coding(code)]}]})

    return _described("codes", data.codes, criterion)


def _described(
    name: str, known: frozenset[Code] | None, criterion: Callable[[Code], Criterion]
) -> Iterator[list[_Choice]]:
    """One list for each system that has several, beside the codes of the other systems."""
    several = list(_alternatives(known))
    besides = (known or frozenset()).difference(*several)
    if len(several) > 1:  # each of them is asked about by itself
        besides, several = frozenset(), [[code for codes in several for code in codes]]
    for codes in several:
        yield [(criterion(code), {name: besides | {code}}) for code in codes]


def _sources(data: Data) -> Iterator[list[_Choice]]:
    own = sorted(name for name in data.authors or () if name.startswith(_OWN_SOURCE))
    if len(own) > 1:
        others = (data.authors or frozenset()).difference(own)
        yield [(_authored_by(name), {"authors": others | {name}}) for name in own]


def _authored_by(name: Name) -> DataCriterion:
    identifier = {"system": OWN_AGENCY, "value": name.removeprefix(_OWN_SOURCE)}
    reference = {"type": "Organization", "identifier": identifier}
    element = {"data": [{"meaning": Meaning.AUTHORED_BY.value, "reference": reference}]}
    return DataCriterion(
        frozenset({DataReference(Meaning.AUTHORED_BY, frozenset({name}))}), element
    )


def _alternatives(codes: Collection[Code] | None) -> Iterator[list[Code]]:
    """The codes of each system that has several here."""
    for system in sorted({code.system for code in codes or ()}):
        same = sorted(code for code in codes or () if code.system == system)
        if len(same) > 1:
            yield same


def _coding(code: Code) -> dict[str, str]:
    return {"system": code.system, "code": code.code} if code.system else {"code": code.code}
