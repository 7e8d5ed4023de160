"""Who may read an entry of the story, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.kept_to import KeptTo, categories_in, recipients_in
from schemas.vocabulary import Purpose, Source
from services.aggregation.story_readers import AgencyReaders
from services.portal.presenters.decision_words import recipient_in_words
from services.portal.story_ports import NamedReader, StoryReaders


@dataclass(frozen=True, slots=True, repr=False)
class ReadersInWords:
    """Who may read it, a line each; `kept_to` is whom the family keeps it to, empty if to all.

    Nobody may where there are no lines.
    """

    lines: tuple[str, ...]
    kept_to: tuple[str, ...]
    may_you: bool


def readers_in_words(readers: StoryReaders, kept_to: frozenset[KeptTo]) -> ReadersInWords:
    """Write who may read an entry that is kept to these."""
    by_agency = {found.agency: found.purposes for found in readers.agencies}
    by_name = [
        f"{_named(found)}, for {in_a_row(p.label for p in found.purposes)}"
        for found in readers.named
        if found.purposes
    ]
    return ReadersInWords(
        lines=(*_services(readers.agencies), *by_name) if by_agency or by_name else (),
        kept_to=_kept_to(kept_to, readers.named),
        may_you=readers.may_you,
    )


def in_a_row(words: Iterable[str]) -> str:
    """Write a list as it is spoken: "early help, direct care and safeguarding"."""
    each = [word[:1].lower() + word[1:] for word in words]
    return " and ".join([", ".join(each[:-1]), each[-1]] if len(each) > 1 else each)


def _services(agencies: Sequence[AgencyReaders]) -> tuple[str, ...]:
    """One line for those who may read for the same purposes."""
    alike: dict[tuple[tuple[Purpose, ...], bool], list[Source]] = {}
    for found in agencies:
        alike.setdefault((found.purposes, found.leads_only), []).append(found.agency)
    return tuple(
        f"{_who(sources, leads_only=leads)}, for {in_a_row(p.label for p in purposes)}"
        for (purposes, leads), sources in alike.items()
    )


def _who(sources: Sequence[Source], *, leads_only: bool) -> str:
    if len(sources) == len(Source):
        who = "every service that works with the family"
    else:
        who = in_a_row(source.label for source in sources)
    return f"Lead practitioners of {who}" if leads_only else who[:1].upper() + who[1:]


def _kept_to(marks: frozenset[KeptTo], named: Iterable[NamedReader]) -> tuple[str, ...]:
    people = {f"practitioner:{found.colleague.id}": _named(found) for found in named}
    to = sorted(recipients_in(marks))
    whom = [people.get(mark) or recipient_in_words(mark) for mark in to]
    also = [f"only those who may see {_small(c.label)} too" for c in categories_in(marks)]
    return (*whom, *also)


def _named(found: NamedReader) -> str:
    return f"{found.colleague.name}, {found.colleague.job_title}"


def _small(label: str) -> str:
    return f"“{label}”"
