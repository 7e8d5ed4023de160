"""What each source has to say, and what is not shared and why."""

from dataclasses import dataclass

from services.aggregation.profile import NotShared, Profile, SourceState, SourceStatus
from services.portal.presenters.dates import day_in_words, moment_in_words


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: what it has, when it was last heard from, what it covers."""

    source: str
    state: str
    last_heard: str
    covers: str
    no_data_means: str


@dataclass(frozen=True, slots=True)
class NotSharedLine:
    """One kind of information that exists and is not shown, and why."""

    category: str
    source: str
    why: str


def source_lines(profile: Profile) -> tuple[SourceLine, ...]:
    """Write a line for every source; there is no blank in it."""
    return tuple(_line(status) for status in profile.sources)


def not_shared_lines(profile: Profile) -> tuple[NotSharedLine, ...]:
    """Write what may be known to exist and is not shown."""
    return tuple(_not_shared(entry) for entry in profile.not_shared)


def _line(status: SourceStatus) -> SourceLine:
    heard = status.last_heard
    return SourceLine(
        source=status.source.label,
        state=_state(status),
        last_heard=moment_in_words(heard) if heard else "Never",
        covers=status.covers or "Not stated",
        no_data_means="" if status.last_updated else status.no_data_means,
    )


def _state(status: SourceStatus) -> str:
    """What it has as of when, and since when it does not answer: it may be out of date."""
    words = status.state.label
    if status.last_updated:
        words = f"{words}, last updated on {day_in_words(status.last_updated)}"
    if status.silent_since is None:
        return words
    since = f"Not answering since {moment_in_words(status.silent_since)}"
    return since if status.state is SourceState.NOT_ANSWERING else f"{words}. {since}"


def _not_shared(entry: NotShared) -> NotSharedLine:
    return NotSharedLine(
        category=entry.category.label,
        source=entry.source.label,
        why=" ".join(reason.label for reason in entry.reasons) or "No reason is recorded.",
    )
