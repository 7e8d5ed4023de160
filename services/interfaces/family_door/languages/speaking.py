"""What a page of the door says in the language that was chosen for this browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from markupsafe import Markup, escape
from starlette.requests import Request

from services.portal.decisions.receipts.languages import (
    FOLDER,
    Language,
    Words,
    words_in,
)

COOKIE = "family-language"
_COMMA = {Language.URDU: "، ", Language.ARABIC: "، "}
_ISOLATED = Markup("<bdi>{}</bdi>")


class Phrase(str):
    """English text that remembers of what it was made; to whoever knows nothing of that, text.

    `english` has its values in braces, as it stands on translators' lists.
    """

    __slots__ = ("english", "values")
    english: str
    values: dict[str, str]

    def __new__(cls, english: str, **values: str) -> Self:
        """Put the values into the sentence; `Phrase` values are said in the language too."""
        made = super().__new__(cls, english.format(**values) if values else english)
        made.english, made.values = english, values
        return made


class PhraseList(str):
    """Some of them in a row, with commas between."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __new__(cls, parts: Sequence[str]) -> Self:
        """Join them."""
        made = super().__new__(cls, ", ".join(parts))
        made.parts = tuple(parts)
        return made


@dataclass(frozen=True, slots=True)
class DoorWords:
    """The words of one page; `offered` are the languages that there is a choice of."""

    words: Words
    offered: tuple[Language, ...] = ()

    @property
    def code(self) -> str:
        """What the page says that it is written in (BCP 47)."""
        return self.words.code

    @property
    def direction(self) -> str:
        """From which side it is read."""
        return self.words.direction

    @property
    def language(self) -> Language | None:
        """The language; None for English."""
        return self.words.language

    def say(self, english: str, **values: str) -> Markup:
        """A sentence of a template, as it was released, or in English and marked as that."""
        return self.words.say(english, **values)

    def told(self, value: object) -> object:
        """What a template was given: said in the language where it can be, else let stand.

        Names, numbers and days lie within a sentence as they are read by themselves.
        """
        if self.words.language is None or not isinstance(value, str) or isinstance(value, Markup):
            return value
        match value:
            case PhraseList():
                comma = _COMMA.get(self.words.language, ", ")
                return Markup(comma).join(map(self._told, value.parts))  # noqa: S704 constant
            case Phrase():
                values = {name: self._told(one) for name, one in value.values.items()}
                return self.words.say(value.english, **values)
            case _ if value in self.words.released:
                return self.words.say(value)
            case _:
                return _ISOLATED.format(value) if value else value

    def _told(self, value: str) -> Markup:
        return Markup(escape(self.told(value)))  # noqa: S704 escaped

    def unmarked(self, value: str) -> str:
        """What a template was given, where no mark can stand."""
        if isinstance(value, Phrase):
            return self.plain(
                value.english, **{name: self.unmarked(one) for name, one in value.values.items()}
            )
        return self.words.released.get(value, value)

    def plain(self, english: str, **values: str) -> str:
        """The same where no mark can stand: in an attribute, or a choice of a list."""
        told = self.words.released.get(english, english)
        return told.format(**values) if values else told


def speaking(request: Request, data: Path | None) -> DoorWords:
    """The words for this browser, as far as they are released now."""
    return speaking_in(request.cookies.get(COOKIE), data)


def speaking_in(chosen: str | None, data: Path | None) -> DoorWords:
    """The words of a language, by its code; English for one that has none released."""
    if data is None:
        return DoorWords(Words())
    offered = tuple(one for one in Language if _released(data, one).released)
    language = next((one for one in offered if one == chosen), None)
    return DoorWords(_released(data, language) if language else Words(), offered)


def _released(data: Path, language: Language) -> Words:
    try:
        changed = (data / FOLDER / f"{language}.json").stat().st_mtime_ns
    except OSError:
        return Words(language)
    return _read(data, language, changed)


@lru_cache(maxsize=16)
def _read(data: Path, language: Language, _changed: int) -> Words:
    return words_in(data, language)
