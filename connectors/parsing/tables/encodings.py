"""A list as text, whatever program saved it: UTF-8, UTF-16, Windows-1252 or Mac OS Roman.

Excel for Windows saves CSV in Windows-1252 and "Unicode text" in UTF-16, Excel for Mac in Mac OS
Roman. The last two have letters in one another's places for other signs, so a line is read as that
in which it makes sense; where it makes as much sense in both, the file around it decides, or the
line is refused.
"""

import codecs
import re
from dataclasses import dataclass
from io import RawIOBase
from typing import BinaryIO, Final, cast

from schemas.errors import UnreadableMessageError

_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WINDOWS: Final = "cp1252"
_MAC: Final = "mac_roman"
_NO_SENSE: Final = 1_000_000
_BETWEEN_WORDS = re.compile(r'[ \t\r\n,;|"]+')
_SPLIT_POSSESSIVE = re.compile(r"[A-Za-z]{3}\u00eds$")
"""`John’s` as Windows writes it, read as Mac OS Roman."""
_UNLIKELY: Final = frozenset("ƒªºﬁﬂµıˆÐ…")
_PUNCTUATION: Final = frozenset("£€•“”—")
_NO_BREAK_SPACE: Final = "\u00a0"


def is_utf_16(beginning: bytes) -> bool:
    """Whether a file says by its first two bytes that it is UTF-16."""
    return beginning.startswith(_UTF_16_MARKS)


def as_lines_of_bytes(stream: BinaryIO, beginning: bytes, *, field: str) -> BinaryIO:
    """The stream with UTF-16 as UTF-8, and with lines that end in LF."""
    if is_utf_16(beginning):
        stream = cast("BinaryIO", _FromUtf16(stream, field))
        beginning = beginning.decode("utf-16", "ignore").encode()
    is_old_mac = b"\r" in beginning and b"\n" not in beginning
    return cast("BinaryIO", _WithLineFeeds(stream)) if is_old_mac else stream


class _FromUtf16(RawIOBase):
    """UTF-16 with a mark, read as UTF-8."""

    def __init__(self, stream: BinaryIO, field: str) -> None:
        self._stream = stream
        self._field = field
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def read(self, size: int = -1) -> bytes:
        """The next part; raises UnreadableMessageError for what is no text."""
        while chunk := self._stream.read(size):
            if text := self._decoded(chunk, final=False):
                return text
        return self._decoded(b"", final=True)

    def _decoded(self, chunk: bytes, *, final: bool) -> bytes:
        try:
            return self._decoder.decode(chunk, final).encode()
        except UnicodeError as error:
            raise UnreadableMessageError(field=self._field, reason="not-text") from error


class _WithLineFeeds(RawIOBase):
    """A file whose lines end as on a Macintosh of old."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next part."""
        return self._stream.read(size).replace(b"\r", b"\n")


@dataclass(frozen=True, slots=True)
class LineDecoder:
    """Decodes the lines of a file; `usual` is as which a line is read that could be either."""

    usual: str | None = None

    @classmethod
    def for_file(cls, beginning: bytes) -> "LineDecoder":
        """What the lines at the beginning show of the whole."""
        clear = {found for line in beginning.splitlines() if (found := _clearly(line))}
        return cls(clear.pop() if len(clear) == 1 else None)

    def decoded(self, line: bytes) -> str:
        """The line as text; raises UnicodeDecodeError for one that cannot be told to be either."""
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            encoding = _clearly(line) or self._as_usual(line)
            if encoding is None:
                raise
            return line.decode(encoding)

    def _as_usual(self, line: bytes) -> str | None:
        """What a line is read as that makes as much sense in both; `£` is the same in both."""
        if _strangeness(line, _MAC) != 0:
            return None
        is_same = line.decode(_MAC) == line.decode(_WINDOWS)
        return _WINDOWS if is_same else self.usual


def _clearly(line: bytes) -> str | None:
    """As which a line makes sense and not as the other; None for UTF-8 and where that is not so."""
    if line.isascii() or _is_utf_8(line):
        return None
    windows, mac = _strangeness(line, _WINDOWS), _strangeness(line, _MAC)
    if mac == 0:
        return _MAC if windows else None
    return _WINDOWS if windows <= mac else None


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strangeness(line: bytes, encoding: str) -> int:
    """How many signs of a line stand where no name or address has them."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return _NO_SENSE
    return sum(map(_strange_in, _BETWEEN_WORDS.split(text)))


def _strange_in(word: str) -> int:
    if word.isascii():
        return 0
    if _SPLIT_POSSESSIVE.search(word):
        return 1
    has_small = any(letter.islower() for letter in word)
    around = zip(f" {word}", word, f"{word[1:]} ", strict=False)
    return sum(_is_strange(*three, has_small=has_small) for three in around)


def _is_strange(before: str, letter: str, after: str, *, has_small: bool) -> bool:
    """Whether no name has this sign between those two; `has_small`: the word is not all capitals.

    A capital in the middle of a word, a small letter at its beginning, an opening quotation mark
    or a long dash inside it: so letters of one look when they are read as the other.
    """
    if letter.isascii() or letter == _NO_BREAK_SPACE:
        return False
    if letter in _UNLIKELY or not letter.isalpha():
        return letter in _UNLIKELY or _is_strange_sign(before, letter, after)
    if letter.isupper():
        return before.isalpha() and has_small
    return not before.isalpha() or after.isupper()


def _is_strange_sign(before: str, letter: str, after: str) -> bool:
    if letter == "’":
        return not before.isalpha()
    if letter == "–":
        return after.islower() or before.isspace() is not after.isspace()
    is_inside = before.isalpha() and after.isalpha()
    return is_inside or letter not in _PUNCTUATION
