"""Elements of a Common Transfer File by the names of what is in them: any, header, addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.parsing.demographics import is_iso_date, postcode_as_compared
from connectors.parsing.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.message import Version
from schemas.records.payloads import Address, Telecom

_YES = frozenset({"1", "true", "t", "y", "yes"})
_NO = frozenset({"0", "false", "f", "n", "no"})


class Fields:
    """The children of an element by their names, looked at once: lxml's own paths are slow.

    `path` is where the element stands, for refusals. An element that is not there has no fields.
    What was asked for is remembered, so that it can be told in the end what nobody asked for.
    """

    __slots__ = ("_asked", "_each", "_first", "_inside", "_is_read_whole", "element", "path")

    def __init__(self, element: Element | None, path: str) -> None:
        self.element = element
        self.path = path
        self._inside: dict[str, Fields] = {}
        self._each: dict[str, list[Fields]] = {}
        self._asked: set[str] = set()
        self._is_read_whole = False
        self._first: dict[str, Element] = {}
        if element is not None:
            # backwards, so that of several with one name the first is kept
            self._first = {child.tag: child for child in element.iterchildren(reversed=True)}

    def text(self, name: str) -> str | None:
        """The text of the first child of that name; None when absent or blank."""
        found = self._first.get(name)
        if found is None:
            return None
        self._asked.add(name)
        return (found.text or "").strip() or None

    def own_text(self) -> str | None:
        """The text of the element itself."""
        if self.element is None:
            return None
        self._is_read_whole = True
        return (self.element.text or "").strip() or None

    def texts(self) -> Iterator[str]:
        """Its own text and that of everything in it, in order, without the blank ones."""
        if self.element is not None:
            self._is_read_whole = True
            texts = (str(text).strip() for text in self.element.itertext())
            yield from (text for text in texts if text)

    def inside(self, name: str) -> "Fields":
        """The first child of that name, empty when there is none."""
        inside = self._inside.get(name)
        if inside is None:
            found = self._first.get(name)
            if found is None:
                return _NOTHING
            inside = self._inside[name] = Fields(found, f"{self.path}/{name}")
        return inside

    def each(self, name: str) -> Iterator["Fields"]:
        """Every child of that name."""
        if self.element is None or name not in self._first:
            return iter(())
        each = self._each.get(name)
        if each is None:
            path = f"{self.path}/{name}"
            children = self.element.iterchildren(name)
            each = self._each[name] = [Fields(child, path) for child in children]
        return iter(each)

    def has(self, name: str) -> bool:
        """Whether there is such a child, empty or not."""
        self._asked.add(name)
        return name in self._first

    def not_asked_for(self) -> list[tuple[str, str]]:
        """Each text in it that nobody asked for: the path and the text."""
        found: list[tuple[str, str]] = []
        self._gather_not_asked_for(found)
        return found

    def _gather_not_asked_for(self, found: list[tuple[str, str]]) -> None:
        if self.element is None or self._is_read_whole:
            return
        opened = [*self._inside.values(), *(one for each in self._each.values() for one in each)]
        for one in opened:
            one._gather_not_asked_for(found)  # noqa: SLF001 of the same class
        if len(self._first) == len(self.element):
            # Each name stands once, as it mostly does: whole sets tell what is left.
            left = self._first.keys() - self._asked - self._inside.keys() - self._each.keys()
            for name in left:
                found += _texts_of(self._first[name], f"{self.path}/{name}")
            return
        elements = {id(one.element) for one in opened}
        for child in self.element.iterchildren("*"):
            is_asked_for = child.tag in self._asked and self._first[child.tag] is child
            if id(child) not in elements and not is_asked_for:
                found += _texts_of(child, f"{self.path}/{child.tag}")

    def date(self, name: str) -> str | None:
        """A day; raises UnreadableMessageError for text that is none."""
        text = self.text(name)
        if text is not None and not is_iso_date(text):
            raise self.refusal(name, "not-a-date")
        return text

    def day(self, name: str) -> str | None:
        """A day; None also for text that is none, which then counts as read by nobody."""
        text = self.text(name)
        if text is None or is_iso_date(text):
            return text
        self._asked.discard(name)
        return None

    def leave(self, name: str) -> None:
        """Count a text as read by nobody, although it was asked for."""
        self._asked.discard(name)

    def has_unreadable_day(self, name: str) -> bool:
        """Whether it has text in the place of a day that is none."""
        found = self._first.get(name)
        text = "" if found is None else (found.text or "").strip()
        return bool(text) and not is_iso_date(text)

    def flag(self, name: str) -> bool | None:
        """Yes or no in any of the ways that systems write it; None when not stated."""
        word = (self.text(name) or "").casefold()
        if word in _YES:
            return True
        return False if word in _NO else None

    def refusal(self, name: str, reason: str) -> UnreadableMessageError:
        """Why the child of that name makes the message unreadable."""
        return UnreadableMessageError(field=f"{self.path}/{name}", reason=reason)


_NOTHING = Fields(None, "")


def _texts_of(element: Element, path: str) -> Iterator[tuple[str, str]]:
    """Every text in an element, with the path of where it stands."""
    text = (element.text or "").strip()
    if text and not len(element):
        yield path, text
    for child in element.iterchildren("*"):
        yield from _texts_of(child, f"{path}/{child.tag}")


# The header: which school sent the file, and when.

_LEA = re.compile(r"[0-9]{3}|XXX")
_NO_SCHOOL = "XXX"
ESTAB = re.compile(r"[0-9A-Z]{4}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True, repr=False)
class CtfHeader:
    """What every pupil of one file shares.

    A partial file, and any that does not say that it is full, may leave out what still holds.
    """

    version: Version
    lea: str
    estab: str
    school_name: str | None
    is_partial: bool = True
    is_called_whole_school: bool = False

    @property
    def is_from_school(self) -> bool:
        """Whether a school wrote it: the DfE's own files name no authority (LEA XXX)."""
        return self.lea != _NO_SCHOOL

    @property
    def is_whole_school(self) -> bool:
        """Whether it names every pupil of the school that wrote it: whom it leaves out has left."""
        return self.is_called_whole_school and not self.is_partial and self.is_from_school

    @property
    def school_code(self) -> str:
        """The school as LEA and establishment number."""
        return self.lea + self.estab

    @property
    def sent_on(self) -> str:
        """The day on which the file was made."""
        return self.version.at[: len("YYYY-MM-DD")]


def header_from_element(element: Element) -> CtfHeader:
    """Read a Header; raises UnreadableMessageError naming what is missing or ill-formed.

    DateTime has no zone in the format and is taken as UTC: it only orders one school's files.
    """
    return CtfHeader(
        version=Version(moment_at(element, "DateTime")),
        lea=_code(element, "LEA", _LEA),
        estab=_code(element, "Estab", ESTAB),
        school_name=text_of(element, "SourceSchool/SchoolName"),
        is_partial=(text_of(element, "DocumentQualifier") or "").casefold() != "full",
        is_called_whole_school=_is_whole_school(text_of(element, "DataDescriptor")),
    )


def _is_whole_school(descriptor: str | None) -> bool:
    """Source: CTF, Header/DataDescriptor; systems differ in capitals, spaces and hyphens."""
    return "".join(c for c in (descriptor or "").casefold() if c.isalpha()) == "wholeschool"


def text_of(element: Element | None, path: str) -> str | None:
    """The text of the first element at `path`; None when absent or blank."""
    if element is None:
        return None
    return (element.findtext(path) or "").strip() or None


def _code(element: Element, name: str, form: re.Pattern[str]) -> str:
    return code_at(element, f"SourceSchool/{name}", form)


def code_at(element: Element, path: str, form: re.Pattern[str]) -> str:
    """A code of a header, in this form; raises UnreadableMessageError."""
    text = text_of(element, path)
    if text is None:
        raise UnreadableMessageError(field=f"Header/{path}", reason="missing")
    if not form.fullmatch(text):
        raise UnreadableMessageError(field=f"Header/{path}", reason="not-a-code")
    return text


def moment_at(element: Element, path: str) -> str:
    """A moment of a header, which has no zone in the formats and is taken as UTC.

    Raises UnreadableMessageError.
    """
    text, field = text_of(element, path), f"Header/{path}"
    if text is None:
        raise UnreadableMessageError(field=field, reason="missing")
    if not _DATE_TIME.fullmatch(text):
        raise UnreadableMessageError(field=field, reason="not-a-date")
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableMessageError(field=field, reason="not-a-date") from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


# Addresses, telephone numbers and e-mail addresses of a pupil or a contact.

_FAX = "F"


def addresses_in(holder: Fields, *, use: str = "home") -> tuple[Address, ...]:
    """The addresses inside a Pupil or Contact, written in lines or by BS 7666."""
    found = (_address(address, use) for address in holder.each("Address"))
    return tuple(address for address in found if address is not None)


def telecoms_in(holder: Fields) -> tuple[Telecom, ...]:
    """The telephone numbers and e-mail addresses inside a Pupil or Contact, each once."""
    telecoms = [
        Telecom("phone", number)
        for phone in holder.inside("Phones").each("Phone")
        if (number := phone.text("PhoneNo")) and phone.text("TelephoneType") != _FAX
    ]
    telecoms += [Telecom("email", email) for e in holder.each("Email") for email in e.texts()]
    return tuple(dict.fromkeys(telecoms))


def as_compared(address: Address) -> tuple[str, ...]:
    """An address so that two ways of writing the same one are equal."""
    parts = (*address.lines, address.postcode or "")
    return tuple("".join(part.split()).casefold().replace(",", "") for part in parts)


def _address(address: Fields, use: str) -> Address | None:
    by_parts = address.inside("BS7666Address")
    lines = [*address.inside("AddressLines").texts(), *_lines_by_bs7666(by_parts)]
    postcode = address.text("PostCode") or by_parts.text("PostCode")
    home = Address(tuple(lines), postcode_as_compared(postcode), use=use)
    return home if lines or postcode else None


def _lines_by_bs7666(parts: Fields) -> Iterator[str]:
    """Source: BS 7666: SAON is the flat, PAON the house; a number stands before its street."""
    if parts.element is None:
        return
    yield from _given(parts, "SAON")
    house, street = parts.text("PAON"), parts.text("Street")
    if house and street and house[0].isdigit():
        yield f"{house} {street}"
    else:
        yield from _given(parts, "PAON", "Street")
    places = _given(parts, "Locality", "Town", "PostTown", "AdministrativeArea")
    yield from {place.casefold(): place for place in places}.values()


def _given(parts: Fields, *names: str) -> Iterator[str]:
    yield from (text for name in names if (text := parts.text(name)))
