"""What schools call the columns of a list: our own titles, and those of SIMS, Arbor and Bromcom."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from connectors.parsing.tables.cells import named

# What is read, by our own titles.

PREFERRED_FIRST: Final = ("CHILD_PREFERRED_FIRST_NAME", "CHILD_PREFERRED_GIVEN_NAME")
PREFERRED_LAST: Final = ("CHILD_PREFERRED_LAST_NAME", "CHILD_PREFERRED_FAMILY_NAME")
COLUMNS: Final = (
    *(f"PARENT_{n}_{x}" for n in (1, 2) for x in ("NAME", "RELATIONSHIP", "EMAIL", "PHONE")),
    *("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH", "CHILD_YEAR_GROUP"),
    *PREFERRED_FIRST,
    *PREFERRED_LAST,
    *("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN", "CHILD_POSTCODE"),
    *("CHILD_REGISTRATION", "CHILD_NHS_NUMBER", "CHILD_UPN", "CHILD_PHONE"),
    *("SCHOOL_URN", "SCHOOL_NUMBER", "SCHOOL_NAME", "SCHOOL_PHONE"),
    *("CHILD_ENTRY_DATE", "CHILD_LEAVING_DATE", "CHILD_OFF_ROLL"),
)
"""What is read, in the order by which a row is told from another; others are nobody's business."""
LEFT_ON: Final = "CHILD_LEAVING_DATE"
WHY_LEFT: Final = "CHILD_LEAVING_REASON"
DEATH: Final = ("CHILD_DATE_OF_DEATH", "CHILD_DECEASED")
OF_EXPORTS: Final = (WHY_LEFT, *DEATH)
"""Columns that our own list has not: whoever has left or died stands in some exports."""
REQUIRED: Final = ("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH")

ADDRESS_LINES: Final = ("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN")
POSTCODE: Final = "CHILD_POSTCODE"
CLASS: Final = ("CHILD_YEAR_GROUP", "CHILD_REGISTRATION")
SCHOOL: Final = ("SCHOOL_URN", "SCHOOL_NUMBER", "SCHOOL_NAME", "SCHOOL_PHONE")
STATED: Final = (
    *((f"PARENT_{n}_{x}",) for n in (1, 2) for x in ("NAME", "EMAIL", "PHONE")),
    ADDRESS_LINES,
    (POSTCODE,),
)
"""Columns of which an empty cell is a statement, and a missing column none."""
STATED_WHERE_THERE: Final = ("CHILD_PHONE",)
"""The same of columns that came later: a list without them is told from others as it was before."""

NOT_READ: Final = "NOT_READ"
"""What a school may say that a title of its own means: nothing that anybody is told."""
KNOWN: Final = frozenset({*COLUMNS, *OF_EXPORTS})
"""Every column that a title can mean."""

# What they are called elsewhere.

_WHOSE = re.compile(r"^(?:(?:CHILD|PUPIL|STUDENT|LEARNER)S?_(?:S_)?)+(?=.)")
_CONTACT = re.compile(
    r"^(?:PARENT|CONTACT|GUARDIAN|CARER|PARENT_CARER|PRIORITY|CONTACT_PRIORITY|EMERGENCY_CONTACT)"
    r"_?([12])_(?:CONTACT_)?"
)
_MOST_TITLES: Final = 400

_Ways = tuple[tuple[str, ...], ...]
"""Titles in the order of preference; where there are several in one, their cells are joined."""


def _either(*names: str) -> _Ways:
    return tuple((name,) for name in names)


_LEGAL_FIRST = ("LEGAL_FIRST_NAME", "LEGAL_FORENAME", "LEGAL_GIVEN_NAME")
_LEGAL_LAST = ("LEGAL_LAST_NAME", "LEGAL_SURNAME", "LEGAL_FAMILY_NAME")
_FIRST = ("FIRST_NAME", "FORENAME", "FIRSTNAME", "GIVEN_NAME", "FIRST_NAMES", "FORENAMES")
_LAST = ("LAST_NAME", "SURNAME", "LASTNAME", "FAMILY_NAME")
_PHONES = (
    *("PHONE", "TELEPHONE", "MOBILE", "PHONE_NUMBER", "TELEPHONE_NUMBER", "MOBILE_NUMBER"),
    *("MOBILE_PHONE", "MOBILE_TELEPHONE", "MAIN_TELEPHONE", "PRIMARY_TELEPHONE", "MAIN_PHONE"),
    *("HOME_TELEPHONE", "HOME_PHONE", "DAY_TELEPHONE", "DAYTIME_TELEPHONE", "TEL", "TEL_NO"),
)
_EMAILS = ("EMAIL", "E_MAIL", "EMAIL_ADDRESS", "PRIMARY_EMAIL", "MAIN_EMAIL", "HOME_EMAIL")
_PREFERRED_FIRST = (
    *("PREFERRED_FIRST_NAME", "PREFERRED_FORENAME", "CHOSEN_FORENAME", "CHOSEN_NAME"),
    *("PREFERRED_NAME", "KNOWN_AS"),
    *("FORENAME", "FIRST_NAME", "FIRSTNAME"),
)
"""Beside a legal name, the plain one is that by which they go."""

_OF_THE_CHILD: Mapping[str, _Ways] = MappingProxyType(
    {
        "FIRST_NAME": _either(*_LEGAL_FIRST, *_FIRST),
        "LAST_NAME": _either(*_LEGAL_LAST, *_LAST),
        "DATE_OF_BIRTH": _either("DATE_OF_BIRTH", "DOB", "D_O_B", "BIRTH_DATE", "BIRTHDATE"),
        "YEAR_GROUP": _either(
            *("YEAR_GROUP", "YEAR", "YEAR_TAUGHT_IN", "NC_YEAR", "NCY", "NC_YEAR_ACTUAL", "YR"),
            *("NATIONAL_CURRICULUM_YEAR", "CURRICULUM_YEAR", "YEAR_GRP", "CURRENT_YEAR_GROUP"),
            *("NCYEARACTUAL", "NCYEARLEAVING"),
        ),
        "PREFERRED_FIRST_NAME": _either(*_PREFERRED_FIRST),
        "PREFERRED_GIVEN_NAME": _either("PREFERRED_GIVEN_NAME"),
        "PREFERRED_LAST_NAME": _either(
            *("PREFERRED_LAST_NAME", "PREFERRED_SURNAME", "PREFERREDSURNAME"),
            *("SURNAME", "LAST_NAME", "LASTNAME"),
        ),
        "PREFERRED_FAMILY_NAME": _either("PREFERRED_FAMILY_NAME"),
        "ADDRESS_LINE_1": (
            *_either("ADDRESS_LINE_1", "ADDRESS_1", "ADDRESS1", "ADDRESSLINE1"),
            *(("HOUSE_NAME", "HOUSE_NUMBER", "STREET"), ("HOUSE_NUMBER", "STREET")),
            *_either("STREET", "HOME_ADDRESS", "ADDRESS", "FULL_ADDRESS", "ADDRESS_BLOCK"),
        ),
        "ADDRESS_LINE_2": _either(
            *("ADDRESS_LINE_2", "ADDRESS_2", "ADDRESS2", "ADDRESSLINE2", "DISTRICT", "LOCALITY"),
        ),
        "TOWN": _either("TOWN", "CITY", "TOWN_CITY", "POST_TOWN", "ADDRESS_TOWN"),
        "POSTCODE": _either(
            "POSTCODE", "POST_CODE", "HOME_POSTCODE", "ADDRESS_POSTCODE", "HOME_ADDRESS_POSTCODE"
        ),
        "REGISTRATION": _either(
            *("REGISTRATION", "REG", "REG_GROUP", "REGISTRATION_GROUP", "REGISTRATION_FORM"),
            *("REG_FORM", "TUTOR_GROUP", "FORM", "FORM_GROUP", "FORM_CLASS", "CLASS"),
            *("CURRENT_REGISTRATION_FORM", "CLASS_NAME", "TUTOR_GRP"),
        ),
        "NHS_NUMBER": _either("NHS_NUMBER", "NHS_NO", "NHSNUMBER", "NHS"),
        "UPN": _either("UPN", "UNIQUE_PUPIL_NUMBER"),
        "PHONE": _either(*_PHONES),
        "ENTRY_DATE": _either(
            *("ENTRY_DATE", "ENTRYDATE", "DATE_OF_ENTRY", "ADMISSION_DATE", "DATE_OF_ADMISSION"),
        ),
        "LEAVING_DATE": _either(
            *("LEAVING_DATE", "LEAVINGDATE", "DATE_OF_LEAVING", "LEAVE_DATE", "DATE_LEFT"),
        ),
        "LEAVING_REASON": _either("LEAVING_REASON", "REASON_FOR_LEAVING"),
        "DATE_OF_DEATH": _either("DATE_OF_DEATH", "DEATH_DATE", "DOD"),
        "DECEASED": _either("DECEASED", "IS_DECEASED", "HAS_DIED"),
        "OFF_ROLL": _either("PUPILNOLONGERONROLLTABLEID"),
    }
)
"""The last names the table of a census extract in which stand those who have left."""
_OF_THE_SCHOOL: Mapping[str, _Ways] = MappingProxyType(
    {
        "SCHOOL_URN": _either("SCHOOL_URN", "URN", "ESTABLISHMENT_URN"),
        "SCHOOL_NUMBER": _either(
            *("SCHOOL_NUMBER", "DFE_NUMBER", "DFE_NO", "DFES_NUMBER", "LAESTAB", "LA_ESTAB"),
            "SCHOOL_DFE_NUMBER",
        ),
        "SCHOOL_NAME": _either("SCHOOL_NAME", "SCHOOL", "ESTABLISHMENT_NAME", "ESTABLISHMENT"),
        "SCHOOL_PHONE": _either(
            "SCHOOL_PHONE", "SCHOOL_TELEPHONE", "SCHOOL_TELEPHONE_NUMBER", "SCHOOL_TEL"
        ),
    }
)
_OF_A_CONTACT: Mapping[str, _Ways] = MappingProxyType(
    {
        "NAME": (
            *_either("NAME", "FULL_NAME"),
            *(("TITLE", "FORENAME", "SURNAME"), ("FORENAME", "SURNAME")),
            *(("TITLE", "FIRST_NAME", "LAST_NAME"), ("FIRST_NAME", "LAST_NAME")),
        ),
        "RELATIONSHIP": _either(
            *("RELATIONSHIP", "RELATION", "RELATIONSHIP_TO_CHILD", "RELATIONSHIP_TO_PUPIL"),
            *("RELATIONSHIP_TO_STUDENT", "RELATIONSHIP_TYPE"),
        ),
        "EMAIL": _either(*_EMAILS),
        "PHONE": _either(*_PHONES),
    }
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each of our columns stands in a row: the places of its cells, which are joined.

    `twice` are those of which there are two, so that either could be meant. `as_ours` are the
    titles by which the same is read without knowing a school's own, where any of its own is there.
    """

    places: Mapping[str, tuple[int, ...]]
    twice: frozenset[str]
    as_ours: tuple[str, ...] | None = None


def columns_in(titles: Sequence[str], own: Mapping[str, str]) -> Columns:
    """Our columns in a row with these titles; each title is given to one column.

    `own` says what a school's own titles mean, by `named`: one of our columns, or `NOT_READ`. It
    stands before all else.
    """
    where: dict[str, list[int]] = {}
    claimed: dict[str, list[int]] = {}
    for place, title in enumerate(titles[:_MOST_TITLES]):
        name = named(title)
        if name in own:
            claimed.setdefault(own[name], []).append(place)
        else:
            where.setdefault(_known_as(name), []).append(place)
    where.pop("", None)
    found: dict[str, tuple[int, ...]] = {}
    twice: set[str] = set()
    for column, ways in _columns():
        way = next((way for way in ways if all(name in where for name in way)), ())
        own_places = claimed.get(column)
        places = [where.pop(name) for name in way] if own_places is None else [own_places]
        if any(len(there) > 1 for there in places):
            twice.add(column)
        if places:
            found[column] = tuple(there[0] for there in places)
    columns = Columns(found, frozenset(twice))
    return replace(columns, as_ours=_as_ours(titles, columns)) if claimed else columns


def _as_ours(titles: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """Titles that say to anybody what they say to who knows this school's own."""
    by_place = {at[0]: column for column, at in columns.places.items() if len(at) == 1}
    joined = {at for places in columns.places.values() for at in places}
    several = {named(titles[columns.places[column][0]]): column for column in columns.twice}
    return tuple(
        several.get(named(title))
        or by_place.get(at)
        or (title if at in joined else f"{NOT_READ} {title}")
        for at, title in enumerate(titles)
    )


def _known_as(name: str) -> str:
    """With whose it is at its beginning: a child's own, a contact's, or neither."""
    contact = _CONTACT.match(name)
    if contact:
        return f"PARENT_{contact[1]}_{name[contact.end() :]}"
    return _WHOSE.sub("", name)


def _columns() -> Iterator[tuple[str, _Ways]]:
    """Each of our columns, by which titles it is known."""
    yield from _OF_THE_SCHOOL.items()
    for name, ways in _OF_THE_CHILD.items():
        yield f"CHILD_{name}", ways
    for number in (1, 2):
        for name, ways in _OF_A_CONTACT.items():
            prefix = f"PARENT_{number}_"
            yield f"{prefix}{name}", tuple(tuple(prefix + one for one in way) for way in ways)
