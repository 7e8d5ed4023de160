"""When an address written one way tells where somebody lives whose address is written another.

A postcode stands for a dozen homes, and within it numbers, or the name of a house, tell one from
another: so capitals, spaces, commas and lines do not matter, nor words such as flat or street. Who
says less tells the place as well: a building without the flat, a street or a postcode without a
number. Who says something else tells of a neighbour. Pure.

What is written and what is protected take different forms, so that sets of keyed hashes can be
compared that only tell whether one is the same: they share a form where they may be one place.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, combinations, pairwise

from consent.ports import ProtectedPlaces
from consent.question import OnRecord
from schemas.identifiers import PersonId
from schemas.records.payloads import Address
from schemas.records.published import PublishedRecord, homes_told

Form = tuple[str, ...]
"""One way in which a place may be said; means nothing but where it is equal."""

_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b")
_NOWHERE = re.compile(r"ZZ99[0-9][A-Z]{2}")
"""Postcodes that the NHS gives to who has no fixed abode, or none that is known."""
_WORD = re.compile(r"\d+|[^\W\d_]+")
_DROPPED = str.maketrans("", "", "'’.")
_SAYS_NOTHING = frozenset(
    {"APARTMENT", "APT", "FLAT", "FLOOR", "NO", "NUMBER", "ROOM", "SUITE", "THE", "UNIT"}
)
_MOST_NUMBERS = 4


def forms_written(address: Address) -> frozenset[Form]:
    """The forms of an address as some record names it; none where it names no place."""
    read = _read(address)
    if read.postcode:
        return frozenset(_in(read.postcode, _written(read))) | frozenset(
            _in(f"anywhere/{read.street}", _written(read)) if read.says_where else ()
        )
    return frozenset(_in(f"somewhere/{read.street}", _written(read)) if read.says_where else ())


def forms_compared(postcode: str | None, first_line: str | None) -> frozenset[Form]:
    """The forms of a postcode and a first line of which only letters and digits are left.

    Numbers cannot be told from one another in that, so a neighbour's are taken for protected.
    """
    line = frozenset({("line", _plain(first_line))}) if first_line else frozenset()
    return line | forms_written(Address((), postcode))


def forms_protected(address: Address) -> frozenset[Form]:
    """The forms of whatever would tell this address, where it is one to protect."""
    read = _read(address)
    line = [("line", _plain(line)) for line in address.lines[:1]]
    return frozenset((*line, *_forms_protected(read)))


def _forms_protected(read: "_Read") -> frozenset[Form]:
    if read.postcode:
        inside = [*_in(read.postcode, _protected(read)), (read.postcode, "alone")]
        outside = _in(f"somewhere/{read.street}", _protected(read)) if read.says_where else ()
        return frozenset((*inside, *outside))
    kinds = ("anywhere", "somewhere") if read.says_where else ()
    return frozenset(
        form for kind in kinds for form in _in(f"{kind}/{read.street}", _protected(read))
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """An address taken apart: its numbers and single letters, and its words in their order."""

    postcode: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    name: str
    street: str

    @property
    def says_where(self) -> bool:
        """Whether it says more than a postcode."""
        return bool(self.numbers or self.words)


def _read(address: Address) -> _Read:
    text = unicodedata.normalize("NFKC", " ".join(address.lines)).upper()
    found = _POSTCODE.findall(text)
    stated = _plain(address.postcode or "")
    postcode = stated or (_letters(found[-1]) if found else "")
    said = _WORD.findall(_POSTCODE.sub(" ", text).translate(_DROPPED))
    said = [one.lstrip("0") or one for one in said if one not in _SAYS_NOTHING]
    numbers = tuple(dict.fromkeys(one for one in said if _is_number(one)))[:_MOST_NUMBERS]
    words = tuple(one for one in said if not _is_number(one))
    begins_with_name = bool(said) and not _is_number(said[0])
    return _Read(
        postcode="" if _NOWHERE.fullmatch(postcode) else postcode,
        numbers=tuple(sorted(numbers)),
        words=words,
        name=" ".join(words[:2]) if begins_with_name else "",
        street=_after_last_number(said),
    )


def _written(read: _Read) -> Iterator[Form]:
    """Some numbers of it are all of the other's, or all of it are some of the other's."""
    if read.numbers:
        yield ("numbers", *read.numbers)
        yield from (("some", *some) for some in _parts(read.numbers))
    elif read.name:
        yield ("named", read.name)
    if read.name:
        yield ("name", read.name)
    if not read.says_where:
        yield ("alone",)


def _protected(read: _Read) -> Iterator[Form]:
    yield from (("numbers", *some) for some in _parts(read.numbers))
    if read.numbers:
        yield ("some", *read.numbers)
    elif read.name:
        yield ("name", read.name)
    pairs = (" ".join(pair) for pair in pairwise(read.words))
    yield from (("named", name) for name in (*read.words, *pairs))


def _in(where: str, forms: Iterable[Form]) -> Iterator[Form]:
    return ((where, *form) for form in forms)


def _parts(numbers: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of at least one of them, in order."""
    sizes = range(1, len(numbers) + 1)
    return chain.from_iterable(combinations(numbers, size) for size in sizes)


def _after_last_number(said: Sequence[str]) -> str:
    """The street, as far as it can be told from a town or a house: the word after the number."""
    places = [place for place, one in enumerate(said) if one.isdecimal()]
    after = said[places[-1] + 1 :] if places else ()
    return next((one for one in after if not _is_number(one)), "")


def _is_number(word: str) -> bool:
    return word.isdecimal() or len(word) == 1


def _plain(text: str) -> str:
    return _letters(unicodedata.normalize("NFKC", text).upper())


def _letters(text: str) -> str:
    return "".join(one for one in text if one.isalnum())


# What stays of a restricted person's records when they may not be stored: where that person is.


def protect_homes(
    told: Iterable[Iterable[PublishedRecord]],
    on_record: Mapping[PersonId, OnRecord],
    places: ProtectedPlaces,
    *,
    at: datetime,
) -> None:
    """Keep where any of these records say that somebody restricted lives, stored or not."""
    homes = [
        home
        for records in told
        for record in records
        for home in homes_told(record.payload, record.persons)
        if on_record[home[0]].is_protected(at)
    ]
    if homes:
        places.protect(homes)
