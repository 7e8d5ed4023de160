"""A sentence that can be said in other languages: its English, and what is put into it."""

from collections.abc import Sequence
from typing import Self


class Said(str):
    """English text that remembers of what it was made; to whoever knows nothing of that, text.

    `english` has its values in braces, as it stands on translators' lists.
    """

    __slots__ = ("english", "values")
    english: str
    values: dict[str, str]

    def __new__(cls, english: str, **values: str) -> Self:
        """Put the values into the sentence; `Said` values are said in the language too."""
        made = super().__new__(cls, english.format(**values) if values else english)
        made.english, made.values = english, values
        return made


class SaidList(str):
    """Some of them in a row, with commas between."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __new__(cls, parts: Sequence[str]) -> Self:
        """Join them."""
        made = super().__new__(cls, ", ".join(parts))
        made.parts = tuple(parts)
        return made
