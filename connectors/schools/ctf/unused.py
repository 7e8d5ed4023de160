"""What of a pupil nobody asked the file for, and what more there is of that at the school. Pure."""

from collections import Counter
from collections.abc import Iterator

from connectors.schools.ctf.fields import Fields
from schemas.records.unused import MoreAtSource, MoreKind, Unused, as_fields

_SAYS_NO = frozenset({"0", "false", "f", "n", "no"})
_KINDS = {
    "Pupil/BasicDetails/MedicalFlag": MoreKind.CONDITION,
    "Pupil/BasicDetails/Disabilities": MoreKind.SUPPORT,
    "Pupil/StageAssessments": MoreKind.FINDING,
}
_WRITTEN = ("Note", "Notes", "Comment", "Comments")


def unused_of(pupil: Fields) -> Unused:
    """The paths of the texts that nobody asked for, and how many of them are written freely."""
    unread = list(pupil.not_asked_for())
    kinds = Counter(_kinds(unread))
    return Unused(
        fields=as_fields(path for path, _ in unread),
        free_texts=kinds[MoreKind.NOTE],
        more=tuple(MoreAtSource(kind, kinds[kind]) for kind in MoreKind if kinds[kind]),
    )


def _kinds(unread: list[tuple[str, str]]) -> Iterator[MoreKind]:
    """One of each element that is of a kind; a flag that says no says that there is none."""
    said = {path for path, text in unread if text.casefold() not in _SAYS_NO}
    yield from (kind for of, kind in _KINDS.items() if any(path.startswith(of) for path in said))
    yield from (MoreKind.NOTE for path, _ in unread if path.endswith(_WRITTEN))
