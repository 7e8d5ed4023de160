"""Whether a message that nothing has read names somebody: by number, or by name and birth."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import IdentifierScheme
from services.adapters.hashing import KeyedHasher
from services.adapters.subjects import identifier_of
from services.adapters.tokens import tokens_of
from services.linking.facts import LinkFacts, compact

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBERS = {
    IdentifierScheme.NHS_NUMBER: re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    IdentifierScheme.UPN: re.compile(r"(?<![A-Z0-9])[A-Z]\d{11}[A-Z0-9](?![A-Z0-9])"),
}


@dataclass(frozen=True, slots=True, repr=False)
class Named:
    """Somebody: the tokens of their numbers, and what sources say about who they are."""

    tokens: frozenset[bytes]
    facts: Sequence[LinkFacts]
    hasher: KeyedHasher

    def stand_in(self, content: bytes) -> bool:
        """Whether they are named there, as far as can be told without reading it."""
        text = _text_of(content)
        return any(self._is_theirs(text)) or self._are_described(text)

    def _is_theirs(self, text: str) -> Iterator[bool]:
        for scheme, pattern in _NUMBERS.items():
            for found in set(pattern.findall(text)):
                identifier = identifier_of(scheme, found.replace(" ", "").replace("-", ""))
                subject = Subject("somebody", (identifier,), Demographics())
                yield any(token.value in self.tokens for token in tokens_of(subject, self.hasher))

    def _are_described(self, text: str) -> bool:
        """A given name, a family name and the date of birth, each anywhere in it."""
        letters = compact(text) or ""
        return any(
            any(name in letters for name in facts.given_names)
            and any(name in letters for name in facts.family_names)
            and any(born in letters for born in _spellings_of(facts.date_of_birth))
            for facts in self.facts
        )


def _text_of(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8"
    return html.unescape(content.decode(encoding, errors="replace"))


def _spellings_of(day: str | None) -> Sequence[str]:
    """A date of birth without its separators: year first, and day first."""
    if day is None or re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) is None:
        return ()
    year, month, of_month = day.split("-")
    return year + month + of_month, of_month + month + year
