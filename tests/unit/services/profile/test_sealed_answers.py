"""What was shown is kept so that nobody opens it but who has read the same, with every key."""

import pytest

from schemas.identifiers import PersonId
from services.platform.errors import KeyDestroyedError
from services.profile.parts.kept.sealed import Keeping, SealedAnswers

CHILD, MOTHER = PersonId("c" * 32), PersonId("d" * 32)
BOTH = (CHILD, MOTHER)
ANSWER = b"Quillfeather lives at 1 Mill Lane"


class _Reading:
    """One reading: the keys that there are, and what it has read so far."""

    def __init__(self, answers: SealedAnswers, *erased: PersonId, read: object = "rows") -> None:
        self.asked = 1
        self._erased = erased
        self._read = read
        self.keeping = Keeping(answers, self._key, lambda: (self._read, self.asked))

    def _key(self, person: PersonId) -> bytes:
        if person in self._erased:
            raise KeyDestroyedError(person)
        return person.encode()

    def opened(self, made_of: object = "today", *, place: str = "here") -> bytes | None:
        """What this reading finds."""
        slot = self.keeping.slot(place, made_of, BOTH)
        return None if slot is None else slot.opened()

    def keep(self, answer: bytes = ANSWER, *, place: str = "here") -> None:
        """Keep what this reading shows."""
        slot = self.keeping.slot(place, "today", BOTH)
        assert slot is not None
        slot.keep(answer)


@pytest.fixture
def answers() -> SealedAnswers:
    """Give those of one worker, with an answer."""
    found = SealedAnswers()
    _Reading(found).keep()
    return found


def test_who_has_read_the_same_is_told_the_same(answers: SealedAnswers):
    """In another reading, with keys that it has read itself."""
    assert _Reading(answers).opened() == ANSWER


@pytest.mark.parametrize(
    ("reading", "made_of", "place"),
    [
        ({"read": "other rows"}, "today", "here"),
        ({}, "tomorrow", "here"),
        ({}, "today", "elsewhere"),
    ],
    ids=["other rows", "another day", "another order"],
)
def test_who_has_read_anything_else_is_told_nothing(
    answers: SealedAnswers, reading: dict[str, str], made_of: str, place: str
):
    """One thing that differs is enough."""
    assert _Reading(answers, **reading).opened(made_of, place=place) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("erased", BOTH)
def test_of_whoever_was_erased_nothing_is_opened(answers: SealedAnswers, erased: PersonId):
    """Without the key of any one of them, by whoever has all the others."""
    assert _Reading(answers, erased).opened() is None


def test_nothing_lies_in_memory_in_the_clear(answers: SealedAnswers):
    """Neither what it says nor of whom."""
    held = repr(vars(answers)["_kept"].items()) + repr(
        [(one.made_of, one.sealed) for one in vars(answers)["_kept"].values()]
    )

    assert all(word not in held for word in ("Quill", "Mill", CHILD, MOTHER))


def test_an_answer_for_which_more_was_read_than_was_told_is_not_kept():
    """What it follows from would not be all that it follows from."""
    answers = SealedAnswers()
    reading = _Reading(answers)
    slot = reading.keeping.slot("here", "today", BOTH)
    assert slot is not None
    reading.asked += 1

    slot.keep(ANSWER)

    assert _Reading(answers).opened() is None


def test_the_ones_not_asked_for_the_longest_go_first():
    """Within so many bytes; and one that is too long is not kept at all."""
    answers = SealedAnswers(most_bytes=6_000)
    reading = _Reading(answers)
    for place in ("a", "b"):
        reading.keep(b"." * 2_500, place=place)
    reading.opened(place="a")
    reading.keep(b"." * 2_500, place="c")
    reading.keep(b"." * 7_000, place="d")

    kept = [place for place in "abcd" if reading.opened(place=place) is not None]

    assert kept == ["a", "c"]
