"""Words of receipts in other languages: shown as far as a named person has released them.

What is said about rights is never guessed. So there is no translation in the program: a translator
fills in a list of our English sentences, somebody answers for it, and `tell-once words release`
puts it into the data folder, under that name. A sentence that was not released, or whose English
has changed since, is shown in English, and marked as that for who listens to the page.
"""

import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from markupsafe import Markup, escape

from consent.circumstances import Channel
from consent.decisions.states import DecisionState
from consent.lawfulness import Article6
from consent.model import DeciderKind, Response
from consent.receipts.receipt import Right, WayOut
from schemas.vocabulary import Category, Purpose, Role, Source
from services.platform.durable_files import replace_durably
from services.platform.errors import ServiceError

FOLDER = "words"
ENGLISH = "en-GB"
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


class Language(StrEnum):
    """A language in which a receipt can be given, by its code (BCP 47)."""

    POLISH = "pl"
    URDU = "ur"
    ARABIC = "ar"

    @property
    def own_name(self) -> str:
        """What it is called by who reads it."""
        return _OWN_NAMES[self]

    @property
    def direction(self) -> str:
        """From which side it is read."""
        return "ltr" if self is Language.POLISH else "rtl"


_OWN_NAMES = {
    Language.POLISH: "Polski",
    Language.URDU: "اردو",
    Language.ARABIC: "العربية",
}

SENTENCES = (
    "What you agreed",
    "What you decided",
    "What was decided",
    "This copy is for the young person, and nobody else.",
    "This is your copy.",
    "Tell anybody who works with you.",
    "Ring {contact}.",
    "If you change your mind, they will not see it from then on.",
    "They may still know what they have read.",
    "It will not stop you from getting help.",
    "Your decision",
    "Who can see what",
    "What it is about",
    "Information",
    "Who",
    "Your rights",
    "You can change this on any day",
    "If the law says we must share something to keep a child safe, we do. You can ask us why.",
    "This paper is about your family. Keep it in a safe place.",
    "The square holds the number of this copy, and nothing about you.",
    "Receipt {number}",
    "Decision",
    "Reference",
    "For",
    "When",
    "How",
    "Ends",
    "Was to end",
    "What for",
    "On what ground",
    "Taken back by",
    "How they said so",
    "Not recorded",
    "Not told on this copy",
    "When you change it",
    "Everyone who works with the family",
    "One named practitioner",
    "Family record {number}",
    "Who decided",
)
"""What stands on a receipt in our own words, beside the labels of codes."""
_LABELS = (
    Right,
    WayOut,
    Category,
    Purpose,
    Source,
    Response,
    DecisionState,
    DeciderKind,
    Channel,
    Role,
    Article6,
)


class WordsNotReleasedError(ServiceError):
    """A list of translations cannot be released; says which line, and what is wrong with it."""


def all_words() -> Sequence[str]:
    """Everything that can be released, in English, each once."""
    labels = (code.label for codes in _LABELS for code in codes)
    return tuple(dict.fromkeys((*SENTENCES, *labels)))


@dataclass(frozen=True, slots=True)
class Words:
    """What a receipt says, in one language; English where `language` is None."""

    language: Language | None = None
    released: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """What the page says that it is written in."""
        return self.language or ENGLISH

    @property
    def direction(self) -> str:
        """From which side it is read."""
        return self.language.direction if self.language else "ltr"

    def say(self, english: str, **values: str) -> Markup:
        """The sentence as it was released, or in English; values are put into it as they are."""
        told = self.released.get(english)
        said = Markup(escape(english if told is None else told))  # noqa: S704 escaped
        said = said.format(**values) if values else said
        if self.language is None or told is not None:
            return said
        return Markup('<span lang="en-GB" dir="ltr">{}</span>').format(said)


def words_in(data: Path, language: Language | None) -> Words:
    """The words that were released of a language; none where there is no such file."""
    if language is None:
        return Words()
    try:
        document = json.loads(_file(data, language).read_bytes())
        return Words(language, {str(k): str(v) for k, v in document["words"].items()})
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Words(language)


def released_languages(data: Path) -> tuple[Language, ...]:
    """Those of which any word was released."""
    return tuple(language for language in Language if words_in(data, language).released)


def list_to_translate(data: Path, language: Language, words: Sequence[str] | None = None) -> str:
    """A list to fill in (CSV), with what was released already; of receipts, or of all `words`."""
    released = words_in(data, language).released
    told = io.StringIO()
    rows = csv.writer(told)
    rows.writerow(("English", "Translation"))
    listed = all_words() if words is None else words
    rows.writerows((english, released.get(english, "")) for english in listed)
    return told.getvalue()


def release(
    data: Path,
    language: Language,
    listed: str,
    *,
    by: str,
    on: date,
    words: Sequence[str] | None = None,
) -> int:
    """Put the translations of a list in force, instead of those before; gives how many.

    `words` are all that may be on it; those of receipts where nothing else is said.
    Raises WordsNotReleasedError; then all is as it was.
    """
    if len(by.split()) < _NAME_AND_SURNAME:
        raise WordsNotReleasedError("say who answers for the words, by first and last name")
    known = frozenset(all_words() if words is None else words)
    found = dict(_read(csv.reader(io.StringIO(listed)), known))
    if not found:
        raise WordsNotReleasedError("no line has a translation")
    document = {"language": language, "released_by": by, "released_on": on.isoformat()}
    place = _file(data, language)
    place.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(document | {"words": found}, ensure_ascii=False, indent=1)
    replace_durably(place, content.encode())
    return len(found)


_NAME_AND_SURNAME = 2


def _read(rows: Iterable[Sequence[str]], known: Collection[str]) -> Iterable[tuple[str, str]]:
    for number, row in enumerate(rows, 1):
        english, translation, *_ = *(cell.strip() for cell in row), "", ""
        if number == 1 or not translation:
            continue
        if english not in known:
            raise WordsNotReleasedError(f"line {number}: nothing here says that (any more)")
        if sorted(_PLACEHOLDER.findall(english)) != sorted(_PLACEHOLDER.findall(translation)):
            raise WordsNotReleasedError(f"line {number}: what is in braces has to stay as it is")
        if "{" in _PLACEHOLDER.sub("", translation) or "}" in _PLACEHOLDER.sub("", translation):
            raise WordsNotReleasedError(f"line {number}: a brace that belongs to nothing")
        yield english, translation


def _file(data: Path, language: Language) -> Path:
    return data / FOLDER / f"{language}.json"
