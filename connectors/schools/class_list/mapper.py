"""A row of a class list to source message. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from connectors.parsing.demographics import is_placeholder_name
from connectors.parsing.relationship_words import kind_in_words
from connectors.ports import AboutWhom
from connectors.schools.class_list.rows import Cells
from connectors.schools.ctf.attendance import year_group_in_words
from connectors.schools.list_parts import parts_of
from schemas.identifiers import Identifier, nhs_number_identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import (
    IN_PART,
    Demographics,
    Listed,
    Record,
    SourceMessage,
    Subject,
    Undated,
    Version,
    with_more,
)
from schemas.records.payloads import (
    SCHOOL,
    Address,
    ContactDetails,
    Involvement,
    Payload,
    PersonDetails,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.records.unused import NO_NAME, MoreAtSource, MoreKind, Unused, as_fields
from schemas.vocabulary import Action, Category, Label, Source

_PREFERRED_FIRST = ("CHILD_PREFERRED_FIRST_NAME", "CHILD_PREFERRED_GIVEN_NAME")
_PREFERRED_LAST = ("CHILD_PREFERRED_LAST_NAME", "CHILD_PREFERRED_FAMILY_NAME")
COLUMNS = (
    *(f"PARENT_{n}_{x}" for n in (1, 2) for x in ("NAME", "RELATIONSHIP", "EMAIL", "PHONE")),
    *("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH", "CHILD_YEAR_GROUP"),
    *_PREFERRED_FIRST,
    *_PREFERRED_LAST,
    *("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN", "CHILD_POSTCODE"),
    *("CHILD_REGISTRATION", "CHILD_NHS_NUMBER"),
)
"""What is read; any other column is nobody's business here."""
NAME = "class-list"
"""What the ids of its messages begin with."""
REQUIRED = ("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH")

STATED = (
    *((f"PARENT_{n}_{x}",) for n in (1, 2) for x in ("NAME", "EMAIL", "PHONE")),
    ("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN"),
    ("CHILD_POSTCODE",),
)
"""Columns of which an empty cell is a statement, and a missing column none."""

_LINES = ("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN")
_POSTCODE = "CHILD_POSTCODE"
_CLASS = ("CHILD_YEAR_GROUP", "CHILD_REGISTRATION")

_REF = "pupil"
_HOME = "contact-details"
_IDENTITY = Category.IDENTITY_AND_CONTACT
_FAMILY = Category.FAMILY_AND_HOUSEHOLD
_LOCATION = frozenset({Label.LOCATION})
_THIRD_PARTY = frozenset({Label.THIRD_PARTY})


def source_message_from_row(cells: Cells, *, digest: str, version: Version) -> SourceMessage:
    """What a class list says about one pupil; raises UnreadableMessageError.

    An empty cell in a column that is there says that there is none; a missing column says nothing.
    Source: the class lists that schools send for vaccination sessions (DOMAIN section 2.2.4).
    The file names no school, so nothing of it tells which. `digest` is of the row.
    """
    number = cells.nhs_number("CHILD_NHS_NUMBER")
    who = _demographics(cells)
    stands_in = parts_of(cells.text("CHILD_YEAR_GROUP"), cells.text("CHILD_REGISTRATION"))
    listed = Listed(NAME, _own_key(number, who), stands_in, is_unnamed=True)
    said = _Said(cells, listed.prefix)
    about = listed.prefix.removesuffix("/")
    undated = Undated(about, NAME, digest, former_id=f"{NAME}/{version.at[:10]}/{digest}")
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=undated.id_at(version),
        version=version,
        subjects=(Subject(_REF, () if number is None else (number,), who),),
        records=tuple(_records(said, who)),
        kind=MessageKind.PUPIL,
        names=_names(number),
        listed=listed,
        undated=undated,
    )


_NAME_OF_A_COLUMN = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_WRITTEN = re.compile(r"NOTES?|COMMENTS?|MEDICAL|ALLERG|RELATIONSHIP")


def relationships_in_other_words(cells: Cells) -> Iterator[str]:
    """The columns that say who somebody is in words that are no kind: there is more at the school.

    "Father (deceased)" and "Dad - no contact" say what no kind of relationship does.
    """
    for column in ("PARENT_1_RELATIONSHIP", "PARENT_2_RELATIONSHIP"):
        said = cells.text(column)
        if said is not None and kind_in_words(said) is None:
            yield column


def with_unused(message: SourceMessage, columns: Sequence[str]) -> SourceMessage:
    """The message with what nobody reads of the row: columns, by names that can be no text."""
    if not columns:
        return message
    names = (name if _NAME_OF_A_COLUMN.fullmatch(name) else NO_NAME for name in columns)
    written = sum(1 for name in columns if _WRITTEN.search(name))
    more = (MoreAtSource(MoreKind.NOTE, written),) if written else ()
    fields = as_fields(f"class-list/{name}" for name in names)
    unused = Unused(fields=fields, free_texts=written, more=more)
    records = with_more(message.records, more, Category.EDUCATION)
    return replace(message, records=records, unused=unused)


def about_of_row(cells: Cells, version: Version) -> AboutWhom:
    """Of a row that cannot be read: by which number it names the child, if by any."""
    stated = cells.text("CHILD_NHS_NUMBER")
    number = None if stated is None else nhs_number_identifier(stated)
    numbers = () if number is None or not number.is_verified else (number,)
    return AboutWhom(MessageKind.PUPIL, numbers, _names(number), version)


def _names(number: Identifier | None) -> tuple[str, ...]:
    is_theirs = number is not None and number.is_verified
    return (f"class-list/{number.value}",) if number and is_theirs else ()


def _demographics(cells: Cells) -> Demographics:
    family, given = cells.required("CHILD_LAST_NAME"), (cells.required("CHILD_FIRST_NAME"),)
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=cells.date("CHILD_DATE_OF_BIRTH"),
        postcode=cells.postcode("CHILD_POSTCODE"),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _own_key(number: Identifier | None, who: Demographics) -> str:
    if number is not None and number.is_verified:
        return number.value
    named = (who.family_name, *who.given_names, who.date_of_birth, who.postcode)
    return sha256("\x1f".join(part or "" for part in named).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, repr=False)
class _Said:
    """The cells of a row, and what every source id of it begins with."""

    cells: Cells
    prefix: str

    def records(
        self,
        name: str,
        category: Category,
        payload: Payload,
        *,
        labels: frozenset[Label] = frozenset(),
        is_whole: bool,
    ) -> Iterator[Record]:
        """A record; where columns are missing that belong to it, what completes one."""
        source_id, part_id = f"{self.prefix}{name}", f"{self.prefix}{name}{IN_PART}"
        if is_whole:
            yield Record(source_id, category, (_REF,), payload, labels=labels)
            yield self.gone(f"{name}{IN_PART}", category)
        else:
            yield Record(part_id, category, (_REF,), payload, labels=labels, part_of=source_id)

    def gone(self, name: str, category: Category) -> Record:
        """That the cells are empty from which it would come."""
        return Record(f"{self.prefix}{name}", category, (_REF,), None, Action.REMOVE)


def _records(said: _Said, who: Demographics) -> Iterator[Record]:
    cells = said.cells
    details = PersonDetails(
        family_name=who.family_name,
        given_names=who.given_names,
        known_as=_where_different(cells, cells.required("CHILD_FIRST_NAME"), *_PREFERRED_FIRST),
        known_as_family=_where_different(
            cells, cells.required("CHILD_LAST_NAME"), *_PREFERRED_LAST
        ),
        date_of_birth=who.date_of_birth,
        placeholder_name=who.placeholder_name,
    )
    yield from said.records(
        "details", _IDENTITY, details, is_whole=cells.has(*_PREFERRED_FIRST, *_PREFERRED_LAST)
    )
    yield from _home_records(said, who)
    for parent in (1, 2):
        yield from _parent_records(said, parent)
    yield from said.records(
        "enrolment",
        Category.EDUCATION,
        Involvement(service=SCHOOL, team=_class(cells)),
        labels=_LOCATION,
        is_whole=cells.has(*_CLASS),
    )


def _where_different(cells: Cells, name: str, *columns: str) -> str | None:
    """The preferred name, under whichever title, where it is another than the legal one."""
    preferred = next((text for column in columns if (text := cells.text(column))), None)
    return preferred if preferred != name else None


def _class(cells: Cells) -> str | None:
    year, group = (cells.text(column) for column in _CLASS)
    words = year_group_in_words((year or "").casefold().removeprefix("year").strip() or None)
    return ", ".join(part for part in (words, f"class {group}" if group else None) if part) or None


def _home_records(said: _Said, who: Demographics) -> Iterator[Record]:
    """Where the pupil lives, by its own record where only the postcode is a column of the list."""
    if not said.cells.has(*_LINES, _POSTCODE):
        return
    name = _HOME if said.cells.has(*_LINES) else f"{_HOME}/postcode"
    lines = tuple(text for line in _LINES if (text := said.cells.text(line)))
    if lines or who.postcode:
        contact = ContactDetails(addresses=(Address(lines, who.postcode),))
        yield Record(f"{said.prefix}{name}", _IDENTITY, (_REF,), contact, labels=_LOCATION)
    else:
        yield said.gone(name, _IDENTITY)


def _parent_records(said: _Said, parent: int) -> Iterator[Record]:
    """Somebody to ring; the list claims no parental responsibility, so it stays unknown."""
    cells, column, slot = said.cells, f"PARENT_{parent}", f"parent/{parent}"
    email, phone = cells.email(f"{column}_EMAIL"), cells.telephone(f"{column}_PHONE")
    telecoms = (
        *([Telecom("phone", phone)] if phone else []),
        *([Telecom("email", email)] if email else []),
    )
    name, is_named = cells.text(f"{column}_NAME"), cells.has(f"{column}_NAME")
    is_whole = is_named and cells.has(f"{column}_PHONE") and cells.has(f"{column}_EMAIL")
    if telecoms or name:
        relationship = _relationship(cells, parent, name, telecoms)
        labels = _THIRD_PARTY | _LOCATION if telecoms else _THIRD_PARTY
        yield from said.records(slot, _FAMILY, relationship, labels=labels, is_whole=is_whole)
    if is_whole and (telecoms or name):
        return
    # Nobody stands there, or a number is gone that only the whole record may tell.
    if (is_named and not name) or (cells.has(f"{column}_PHONE") and not phone):
        yield said.gone(slot, _FAMILY)
    if is_named and not (telecoms or name):
        yield said.gone(f"{slot}{IN_PART}", _FAMILY)


def _relationship(
    cells: Cells, parent: int, name: str | None, telecoms: tuple[Telecom, ...]
) -> Relationship:
    said = cells.text(f"PARENT_{parent}_RELATIONSHIP")
    return Relationship(
        kind=kind_in_words(said or "parent") or RelationshipKind.OTHER,
        name=name,
        telecoms=telecoms,
        contact_order=parent,
    )
