"""One element of a Common Transfer File by the names of what is in it."""

from collections.abc import Iterator

from connectors.demographics import is_iso_date
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError

_YES = frozenset({"1", "true", "t", "y", "yes"})
_NO = frozenset({"0", "false", "f", "n", "no"})


class Fields:
    """The children of an element by their names, looked at once: lxml's own paths are slow.

    `path` is where the element stands, for refusals. An element that is not there has no fields.
    """

    __slots__ = ("_first", "_inside", "element", "path")

    def __init__(self, element: Element | None, path: str) -> None:
        self.element = element
        self.path = path
        self._inside: dict[str, Fields] = {}
        self._first: dict[str, Element] = {}
        if element is not None:
            # backwards, so that of several with one name the first is kept
            self._first = {child.tag: child for child in element.iterchildren(reversed=True)}

    def text(self, name: str) -> str | None:
        """The text of the first child of that name; None when absent or blank."""
        found = self._first.get(name)
        return None if found is None else (found.text or "").strip() or None

    def own_text(self) -> str | None:
        """The text of the element itself."""
        return None if self.element is None else (self.element.text or "").strip() or None

    def texts(self) -> Iterator[str]:
        """Its own text and that of everything in it, in order, without the blank ones."""
        if self.element is not None:
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
        if self.element is not None and name in self._first:
            for child in self.element.iterchildren(name):
                yield Fields(child, f"{self.path}/{name}")

    def has(self, name: str) -> bool:
        """Whether there is such a child, empty or not."""
        return name in self._first

    def date(self, name: str) -> str | None:
        """A day; raises UnreadableMessageError for text that is none."""
        text = self.text(name)
        if text is not None and not is_iso_date(text):
            raise self.refusal(name, "not-a-date")
        return text

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
