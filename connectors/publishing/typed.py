"""What one person can write is a claim: how far it counts, whosever number stands in it.

A file says of the agency's own case what it likes. What it says of anybody beside them is of
nobody, whoever they are: it ties no family to another, and whoever wrote it cannot tell by what
became of it who is known. Nor does it take the place of what another agency has told.
"""

from collections.abc import Sequence
from dataclasses import replace

from connectors.publishing.ports import Feed, ResolvedSubject
from schemas.identifiers import Identifier
from schemas.records.message import SourceMessage, Subject
from schemas.vocabulary import IdentifierScheme, IdentifierStatus

_BESIDE = ResolvedSubject(None, is_beside=True)


def is_typed(feed: Feed | None) -> bool:
    """Whether one person can have written it; what no registered feed brings is nobody's word.

    So is a registrar's list. What is written or answered in this service itself does not come this
    way: it is asked about beforehand, who says what of whom.
    """
    return feed is None or not feed.is_kept


def namespace_of(feed: Feed | None) -> str | None:
    """Whose own ids those of its records are: those of a typed feed are of its agency alone."""
    return feed.agency if feed is not None and not feed.is_kept else None


def without_replaced(subject: Subject) -> Subject:
    """The subject without an NHS number that is said to be replaced: what a claim tells of it.

    That would tie what is denied about whoever has that number to somebody else.
    """
    stand = tuple(one for one in subject.identifiers if not _is_replaced(one))
    return (
        subject if len(stand) == len(subject.identifiers) else replace(subject, identifiers=stand)
    )


def _is_replaced(one: Identifier) -> bool:
    is_nhs_number = one.scheme is IdentifierScheme.NHS_NUMBER
    return is_nhs_number and one.status is IdentifierStatus.SUPERSEDED


def without_others(
    message: SourceMessage, subjects: Sequence[ResolvedSubject]
) -> Sequence[ResolvedSubject]:
    """Only whose case it is is somebody; who is beside them is nobody."""
    whose = place_of_case(message)
    return [one if place == whose else _BESIDE for place, one in enumerate(subjects)]


def place_of_case(message: SourceMessage) -> int:
    """Which of its subjects a message is about.

    Who cannot be told from others by anything, such as a baby without a number, is reached
    through whoever else the message is about: the mother.
    """
    return next((n for n, s in enumerate(message.subjects) if _can_be_known(s)), 0)


def _can_be_known(subject: Subject) -> bool:
    """Whether anything tells them from others: a number, or a name that is given with the rest."""
    if any(i.is_verified and i.scheme is not IdentifierScheme.LOCAL for i in subject.identifiers):
        return True
    who = subject.demographics
    named = who.family_name and who.given_names and who.date_of_birth and who.postcode
    return bool(named) and not who.placeholder_name
