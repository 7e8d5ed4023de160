"""What a decider is called by instead of their name: keyed hashes of it in one spelling."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.publishing.ports import Hasher
from consent.decisions.deciders import DeciderFacts
from services.people.linking.facts import compact

_TITLES = frozenset({"MR", "MRS", "MS", "MISS", "MX", "DR", "REV", "REVD", "PROF", "SIR", "DAME"})
_DIGITS = 32
_FIRST_AND_LAST = 2


@dataclass(frozen=True, slots=True)
class NameReferences:
    """The references of a name: `whole` of all its parts, `also` of its first and last."""

    whole: str
    also: frozenset[str] = frozenset()

    @property
    def every(self) -> frozenset[str]:
        """Each way in which the name may be meant."""
        return self.also | {self.whole}


@dataclass(frozen=True, slots=True, repr=False)
class NamedChoice:
    """Somebody on a recorder's list: their reference, and their name for that page alone."""

    reference: str
    name: str
    is_manager: bool = False


def references_of(name: str, hasher: Hasher) -> NameReferences | None:
    """The references of a name, in whatever spelling; None for less than a first and a last name.

    Titles are no part of it, nor is the order: "Okafor, Sarah" is Sarah Okafor.
    """
    parts = _parts(name)
    if len(set(parts)) < _FIRST_AND_LAST:
        return None
    shorter = {_reference((parts[0], parts[-1]), hasher)} if parts[0] != parts[-1] else set()
    whole = _reference(parts, hasher)
    return NameReferences(whole, frozenset(shorter - {whole}))


def reference_among(facts: DeciderFacts, typed: NameReferences) -> str:
    """The one of a person whom a source names so, where it is one; else the name's own."""
    found = {
        held.id
        for about in facts.about
        for held in about.responsible
        if typed.every & {held.id, *held.also}
    }
    return found.pop() if len(found) == 1 else typed.whole


def first_name_in(name: str) -> str | None:
    """The first name as it is written, by which a family knows whom it means; never a title."""
    family, comma, given = name.partition(",")
    words = (given if comma else family).split()
    return next((word for word in words if compact(word) not in {None, *_TITLES}), None)


def _parts(name: str) -> Sequence[str]:
    family, comma, given = name.partition(",")
    words = f"{given} {family}" if comma else name
    return [part for part in _compacted(words) if part not in _TITLES]


def _compacted(words: str) -> Iterable[str]:
    for word in words.replace("-", " ").split():
        part = compact(word)
        if part is not None:
            yield part


def _reference(parts: Iterable[str], hasher: Hasher) -> str:
    return hasher.opaque("decider", *sorted(set(parts)))[:_DIGITS]
