"""What consents are asked (who wants what data, why, when), and how they name data."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import product
from math import prod
from typing import Any

from consent.fhir.elements import Name, Span, any_same
from consent.fhir.vocabulary import (
    OWN_AGENCY,
    OWN_CATEGORY,
    OWN_EXISTENCE,
    RESOURCE_TYPES,
    UNKNOWN_SYSTEM,
    Code,
    covers,
    existence_of,
    level_of,
)
from consent.model import Mode
from consent.question import Effect


class ConsentAction(StrEnum):
    """What may be done (FHIR R4 code system consentaction)."""

    COLLECT = "collect"
    ACCESS = "access"
    USE = "use"
    DISCLOSE = "disclose"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Data:
    """What the asker says of the data. None: not said, so that it is left to be enforced.

    `labels` are security labels; `categories` and `sources` those of Tell Once itself; `related`
    are the resources that it refers to or that refer to it; `existence` says of which categories it
    is only asked whether there is anything, and is empty where the data itself is wanted.
    """

    labels: frozenset[Code] | None = None
    categories: frozenset[Code] | None = None
    existence: frozenset[Code] | None = frozenset()
    classes: frozenset[Code] | None = None
    codes: frozenset[Code] | None = None
    period: Span | None = None
    instance: frozenset[Name] | None = None
    related: frozenset[Name] | None = None
    authors: frozenset[Name] | None = None
    custodians: frozenset[Name] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. What is not said is empty, and nothing that needs it is permitted.

    `roles` are the roles of ours in which it is said that somebody asks.
    """

    at: datetime
    patients: frozenset[Name] = frozenset()
    actors: frozenset[Name] = frozenset()
    purposes: frozenset[Code] = frozenset()
    actions: frozenset[ConsentAction] = frozenset()
    scope: str | None = None
    mode: Mode = Mode.CONTENT
    data: Data = field(default_factory=Data)
    roles: frozenset[str] = frozenset()


# What a provision says of the data that it is about: its criteria.
#
# Each answers of some data: yes, no, or None where too little is said of the data to tell. Several
# values in one criterion are alternatives; several criteria in one provision must all hold.
# `element` is the criterion as FHIR elements, for the obligations.

Element = Mapping[str, Any]


class _Criterion:
    """What implies only itself where it does not say more."""

    __slots__ = ()

    def implies(self, wide: object) -> bool:
        """Whether all data of this is surely data of the other."""
        return self == wide


@dataclass(frozen=True, slots=True)
class LabelCriterion(_Criterion):
    """The data carries one of these labels, or one that is a kind of it.

    Of confidentiality the highest on the data counts (FHIR R4, Consent.provision.securityLabel: a
    high water mark): what permits a level permits those below, what denies it denies those above.
    """

    codes: frozenset[Code]
    effect: Effect
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data."""
        ours = frozenset(code for code in self.codes if code.system == OWN_CATEGORY)
        known_of = frozenset(code for code in self.codes if code.system == OWN_EXISTENCE)
        return _any_of(
            (
                _is_among(ours, data.categories),
                _is_among(known_of, data.existence),
                self._is_labelled(self.codes - ours - known_of, data.labels),
            ),
        )

    def implies(self, wide: object) -> bool:
        """Whether all data of this is surely data of the other."""
        if not isinstance(wide, LabelCriterion) or self.levels or wide.levels:
            return self == wide
        return all(any(covers(w, n) for w in wide.codes) for n in self.codes)

    @property
    def levels(self) -> frozenset[int]:
        """The levels of confidentiality among its labels."""
        return _levels(self.codes)

    def _is_labelled(self, wanted: frozenset[Code], labels: frozenset[Code] | None) -> bool | None:
        if not wanted:
            return False
        if labels is None:
            return None
        return self._reaches(labels) or any(
            covers(general, label)
            for general in wanted
            if level_of(general) is None
            for label in labels
        )

    def _reaches(self, labels: frozenset[Code]) -> bool:
        levels, mark = self.levels, max(_levels(labels), default=None)
        if mark is None or not levels:
            return False
        return mark <= max(levels) if self.effect is Effect.PERMIT else mark >= min(levels)


@dataclass(frozen=True, slots=True)
class ClassCriterion(_Criterion):
    """The data is of one of these kinds: a resource type, a profile, a document type."""

    codes: frozenset[Code]
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data. What is said of one system says nothing of another."""
        known = (data.classes or frozenset()) | (data.categories or frozenset())
        if any(code.agrees_with(found) for code in self.codes for found in known):
            return True
        systems = {found.system for found in known}
        said = UNKNOWN_SYSTEM in systems or {code.system for code in self.codes} <= systems
        return False if said else None


@dataclass(frozen=True, slots=True)
class CodeCriterion(_Criterion):
    """One of these codes is found in the data."""

    codes: frozenset[Code]
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data."""
        return _is_among(self.codes, data.codes)


@dataclass(frozen=True, slots=True)
class PeriodCriterion(_Criterion):
    """The data is of this time: to permit it must be so wholly, to deny it need be so in part."""

    span: Span
    effect: Effect
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data."""
        if data.period is None:
            return None
        if self.effect is Effect.PERMIT:
            return self.span.contains(data.period)
        return self.span.meets(data.period)

    def implies(self, wide: object) -> bool:
        """Whether all data of this is surely data of the other."""
        if not isinstance(wide, PeriodCriterion):
            return False
        is_stricter = self.effect is Effect.PERMIT or wide.effect is Effect.DENY
        return is_stricter and wide.span.contains(self.span)


class Meaning(StrEnum):
    """How a reference to data is meant (FHIR R4 code system consent-data-meaning)."""

    INSTANCE = "instance"
    RELATED = "related"
    DEPENDENTS = "dependents"
    AUTHORED_BY = "authoredby"


@dataclass(frozen=True, slots=True)
class DataReference:
    """One reference to data, and how it is meant."""

    meaning: Meaning
    names: frozenset[Name]

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data.

        IHE PCF says `related` of the data that refers to an encounter, the standard of what an
        instance refers to: both are taken for related, and so are dependents.
        """
        if self.meaning is Meaning.AUTHORED_BY:
            return _is_named(self.names, data.authors)
        itself = _is_named(self.names, data.instance)
        if self.meaning is Meaning.INSTANCE or itself:
            return itself
        return _is_named(self.names, data.related)


@dataclass(frozen=True, slots=True)
class DataCriterion(_Criterion):
    """The data is what one of these references means."""

    references: frozenset[DataReference]
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data."""
        return _any_of(reference.holds(data) for reference in self.references)


@dataclass(frozen=True, slots=True)
class CustodianCriterion(_Criterion):
    """The data is held by one of these."""

    names: frozenset[Name]
    element: Element = field(compare=False)

    def holds(self, data: Data) -> bool | None:
        """Whether it is about such data."""
        return _is_named(self.names, data.custodians)


Criterion = (
    LabelCriterion
    | ClassCriterion
    | CodeCriterion
    | PeriodCriterion
    | DataCriterion
    | CustodianCriterion
)


def resource_type(name: str) -> Code:
    """The class of a FHIR resource type."""
    return Code(RESOURCE_TYPES, name)


def _levels(codes: Iterable[Code]) -> frozenset[int]:
    return frozenset(level for code in codes if (level := level_of(code)) is not None)


def _is_among(wanted: frozenset[Code], found: frozenset[Code] | None) -> bool | None:
    if not wanted:
        return False
    if found is None:
        return None
    return any(code.agrees_with(other) for code in wanted for other in found)


def _is_named(names: frozenset[Name], found: frozenset[Name] | None) -> bool | None:
    return None if found is None else any_same(names, found)


def _any_of(answers: Iterable[bool | None]) -> bool | None:
    known = tuple(answers)
    if any(known):
        return True
    return None if None in known else False


# What a question asks about, one thing at a time (DESIGN.md section 4, rule 8).
#
# Several codes of one system are alternatives: a piece of data is of one resource type and of one
# category of ours, so who names two asks about two kinds. The same holds of codes of one
# terminology, and of our own sources. Codes of several systems describe one piece of data together,
# and so do its labels. A question is yes only if it is yes about each part.

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
