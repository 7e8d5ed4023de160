"""A row of a class list to source message. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from connectors.parsing.deaths import death_on, says_died
from connectors.parsing.demographics import is_placeholder_name
from connectors.parsing.relationship_words import relative_in_words
from connectors.parsing.tables.cells import Cells
from connectors.parsing.tables.dates import day_of
from connectors.ports import AboutWhom
from connectors.schools.class_list.headers import (
    ADDRESS_LINES,
    CLASS,
    DEATH,
    LEFT_ON,
    POSTCODE,
    PREFERRED_FIRST,
    PREFERRED_LAST,
    WHY_LEFT,
)
from connectors.schools.ctf.attendance import year_group_in_words
from connectors.schools.list_parts import parts_of
from schemas.identifiers import Identifier
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
    FactStatus,
    Involvement,
    Payload,
    Period,
    PersonDetails,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.records.unused import (
    NO_NAME,
    FaultyPart,
    MoreAtSource,
    MoreKind,
    Unused,
    as_fields,
)
from schemas.vocabulary import Action, Category, Label, Source

NAME = "class-list"
"""What the ids of its messages begin with."""

_REF = "pupil"
_HOME = "contact-details"
_IDENTITY = Category.IDENTITY_AND_CONTACT
_FAMILY = Category.FAMILY_AND_HOUSEHOLD
_LOCATION = frozenset({Label.LOCATION})
_THIRD_PARTY = frozenset({Label.THIRD_PARTY})
_YEAR = re.compile(r"^(?:year|yr\.?|y)(?: |(?=[0-9nr]))")


def source_message_from_row(cells: Cells, *, digest: str, version: Version) -> SourceMessage:
    """What a class list says about one pupil; raises UnreadableMessageError.

    An empty cell in a column that is there says that there is none; a missing column says nothing.
    Source: the class lists that schools send for vaccination sessions (DOMAIN section 2.2.4).
    The file names no school, so nothing of it tells which. `digest` is of the row.
    """
    numbers = _numbers(cells)
    who = _demographics(cells)
    day = version.at[: len("YYYY-MM-DD")]
    own, has_left = _own_key(numbers, who), _left_on(cells, day) is not None
    stands_in = parts_of(cells.text("CHILD_YEAR_GROUP"), cells.text("CHILD_REGISTRATION"))
    listed = Listed(NAME, own, () if has_left else stands_in, has_left=has_left, is_unnamed=True)
    said = _Said(cells, listed.prefix, day)
    about = listed.prefix.removesuffix("/")
    undated = Undated(about, NAME, digest, former_id=f"{NAME}/{version.at[:10]}/{digest}")
    return SourceMessage(
        source=Source.SCHOOLS,
        message_id=undated.id_at(version),
        version=version,
        subjects=(Subject(_REF, numbers, who),),
        records=tuple(_records(said, who)),
        kind=MessageKind.PUPIL,
        names=_names(numbers),
        listed=listed,
        undated=undated,
    )


_NAME_OF_A_COLUMN = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_WRITTEN = re.compile(r"NOTES?|COMMENTS?|MEDICAL|ALLERG|RELATIONSHIP")


def in_other_words(cells: Cells) -> Iterator[str]:
    """The columns whose words are not understood: there is more at the school.

    "Dad - no contact" says what no kind of relationship does; why a pupil left is read only of one
    who died.
    """
    for column in ("PARENT_1_RELATIONSHIP", "PARENT_2_RELATIONSHIP"):
        said = cells.text(column)
        if said is not None and relative_in_words(said).kind is None:
            yield column
    if (why := cells.text(WHY_LEFT)) is not None and not says_died(why):
        yield WHY_LEFT


def with_unused(
    message: SourceMessage, columns: Sequence[str], faults: tuple[FaultyPart, ...]
) -> SourceMessage:
    """The message with what nobody reads of the row: columns, by names that can be no text.

    `faults` are the cells that are not of their form.
    """
    if not columns and not faults:
        return message
    names = (name if _NAME_OF_A_COLUMN.fullmatch(name) else NO_NAME for name in columns)
    written = sum(1 for name in columns if _WRITTEN.search(name))
    more = (MoreAtSource(MoreKind.NOTE, written),) if written else ()
    fields = as_fields(f"class-list/{name}" for name in names)
    unused = Unused(fields=fields, free_texts=written, more=more, faults=faults)
    records = with_more(message.records, more, Category.EDUCATION)
    return replace(message, records=records, unused=unused)


def about_of_row(cells: Cells, version: Version) -> AboutWhom:
    """Of a row that cannot be read: by which numbers it names the child, if by any."""
    numbers = tuple(number for number in _numbers(cells) if number.is_verified)
    return AboutWhom(MessageKind.PUPIL, numbers, _names(numbers), version)


def _numbers(cells: Cells) -> tuple[Identifier, ...]:
    found = (cells.nhs_number("CHILD_NHS_NUMBER"), cells.upn("CHILD_UPN"))
    return tuple(number for number in found if number is not None)


def _names(numbers: Sequence[Identifier]) -> tuple[str, ...]:
    return tuple(f"class-list/{number.value}" for number in numbers if number.is_verified)


def _demographics(cells: Cells) -> Demographics:
    family, given = cells.required("CHILD_LAST_NAME"), (cells.required("CHILD_FIRST_NAME"),)
    return Demographics(
        family_name=family,
        given_names=given,
        date_of_birth=cells.date("CHILD_DATE_OF_BIRTH"),
        postcode=cells.postcode("CHILD_POSTCODE"),
        placeholder_name=is_placeholder_name(family=family, given=given),
    )


def _own_key(numbers: Sequence[Identifier], who: Demographics) -> str:
    verified = next((number.value for number in numbers if number.is_verified), None)
    if verified is not None:
        return verified
    named = (who.family_name, *who.given_names, who.date_of_birth, who.postcode)
    return sha256("\x1f".join(part or "" for part in named).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, repr=False)
class _Said:
    """The cells of a row, what every source id of it begins with, and the day of the list."""

    cells: Cells
    prefix: str
    day: str

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
        known_as=_where_different(cells, cells.required("CHILD_FIRST_NAME"), *PREFERRED_FIRST),
        known_as_family=_where_different(cells, cells.required("CHILD_LAST_NAME"), *PREFERRED_LAST),
        date_of_birth=who.date_of_birth,
        placeholder_name=who.placeholder_name,
    )
    yield from said.records(
        "details", _IDENTITY, details, is_whole=cells.has(*PREFERRED_FIRST, *PREFERRED_LAST)
    )
    yield from _death_records(said, who)
    yield from _home_records(said, who)
    for parent in (1, 2):
        yield from _parent_records(said, parent)
    yield from said.records(
        "enrolment",
        Category.EDUCATION,
        _at_school(cells, said.day),
        labels=_LOCATION,
        is_whole=cells.has(*CLASS),
    )


_NO = frozenset({"n", "no", "f", "false", "0"})
_YES = frozenset({"y", "yes", "t", "true", "1"})


def _death_records(said: _Said, who: Demographics) -> Iterator[Record]:
    """That the pupil has died, by a day, a flag or why they left; taken back where none says so."""
    cells = said.cells
    if not cells.has(*DEATH, WHY_LEFT):
        return
    flag = (cells.text("CHILD_DECEASED") or "").casefold()
    written = cells.text("CHILD_DATE_OF_DEATH")
    left_by_death = says_died(cells.text(WHY_LEFT)) or says_died(flag)
    if written is None and flag not in _YES | _NO | {""} and not left_by_death:
        written = cells.text("CHILD_DECEASED")
    if written is not None:
        day = day_of(written, latest_year=cells.latest_year)
        death = death_on(written if day is None else day.isoformat(), who.date_of_birth)
    elif left_by_death or flag in _YES:
        death = PersonDetails(has_died=True)
    else:
        yield said.gone("death", _IDENTITY)
        return
    yield Record(f"{said.prefix}death", _IDENTITY, (_REF,), death)


def _left_on(cells: Cells, day: str) -> str | None:
    """When they left, where they have; in a list of who has, on its own day at the latest."""
    left = cells.later_day(LEFT_ON)
    if cells.text("CHILD_OFF_ROLL") is not None:
        return day if left is None or left > day else left
    return left if left is not None and left <= day else None


def _at_school(cells: Cells, day: str) -> Involvement:
    """Which school it is, as far as the list says; its own number is how others name it too."""
    entered = cells.day("CHILD_ENTRY_DATE")
    left = _left_on(cells, day) or cells.later_day(LEFT_ON)
    is_odd = entered is not None and left is not None and left < entered
    return Involvement(
        service=SCHOOL,
        agency_code=cells.school_number("SCHOOL_NUMBER") or cells.urn("SCHOOL_URN"),
        agency_name=cells.text("SCHOOL_NAME"),
        team=_class(cells),
        telephone=cells.telephone("SCHOOL_PHONE"),
        period=Period(None if is_odd else entered, left),
        status=FactStatus.UNKNOWN if LEFT_ON in cells.left_out else FactStatus.HOLDS,
    )


def _where_different(cells: Cells, name: str, *columns: str) -> str | None:
    """The preferred name, under whichever title, where it is another than the legal one."""
    preferred = next((text for column in columns if (text := cells.text(column))), None)
    return preferred if preferred != name else None


def _class(cells: Cells) -> str | None:
    year, group = (cells.text(column) for column in CLASS)
    words = year_group_in_words(_YEAR.sub("", (year or "").casefold()).strip() or None)
    return ", ".join(part for part in (words, f"class {group}" if group else None) if part) or None


def _home_records(said: _Said, who: Demographics) -> Iterator[Record]:
    """Where the pupil lives, by its own record where only the postcode is a column of the list."""
    yield from _telephone_records(said)
    if not said.cells.has(*ADDRESS_LINES, POSTCODE):
        return
    name = _HOME if said.cells.has(*ADDRESS_LINES) else f"{_HOME}/postcode"
    lines = tuple(text for line in ADDRESS_LINES if (text := said.cells.text(line)))
    if lines or who.postcode:
        contact = ContactDetails(addresses=(Address(lines, who.postcode),))
        yield Record(f"{said.prefix}{name}", _IDENTITY, (_REF,), contact, labels=_LOCATION)
    elif POSTCODE not in said.cells.left_out:
        yield said.gone(name, _IDENTITY)


def _telephone_records(said: _Said) -> Iterator[Record]:
    """By which number the home is rung, apart from where it is: most lists have one without."""
    name, number = f"{_HOME}/telephone", said.cells.telephone("CHILD_PHONE")
    if number is not None:
        contact = ContactDetails(telecoms=(Telecom("phone", number),))
        yield Record(f"{said.prefix}{name}", _IDENTITY, (_REF,), contact, labels=_LOCATION)
    elif said.cells.has("CHILD_PHONE"):
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
    said = relative_in_words(cells.text(f"PARENT_{parent}_RELATIONSHIP") or "parent")
    return Relationship(
        kind=said.kind or RelationshipKind.OTHER,
        name=name,
        telecoms=telecoms,
        contact_order=parent,
        status=FactStatus.ENDED if said.has_died else FactStatus.HOLDS,
        has_died=said.has_died,
    )
