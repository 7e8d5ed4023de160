"""What the pages of signing in say: accounts, sessions, why nobody came in and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.vocabulary import LabelledCode
from services.people.practitioners.coming_in import Stranger
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_sessions import ListedSession
from services.people.signing_in.providers import Provider
from services.people.signing_in.tokens import TokenRefusal
from services.portal.frame.addresses import SIGNED_IN_AT, WHO_IS_SIGNED_IN
from services.portal.words.cards import Item
from services.portal.words.dates import moment_in_words

_OF_INVENTED_PEOPLE = "Picked from the list of invented people"
_CHOICE_IS_OVER = "There is nothing to choose any more: it was chosen, or took too long."
_NOT_BELIEVED = "Your organisation’s sign-in answered in a way that we cannot use."


@dataclass(frozen=True, slots=True)
class RefusalWords:
    """Why nobody came in: a sentence, and a code to quote to whoever looks after the service."""

    sentence: str
    code: str | None


@dataclass(frozen=True, slots=True, repr=False)
class StrangerWords:
    """What somebody without an account is told; `code` is to be read out."""

    provider: str
    missing: str
    roles: tuple[str, ...]
    organisations: tuple[str, ...]
    code: str | None


@dataclass(frozen=True, slots=True, repr=False)
class SessionLine:
    """One session that is open, and where it is ended; `is_this` is the one that looks."""

    name: str
    provider: str
    since: str
    last_seen: str
    is_this: bool
    end: str
    end_for: str


def refusal_in_words(because: LabelledCode | None) -> RefusalWords:
    """Say why; what is wrong with a token is for our log and whoever runs it, by its code."""
    if because is None:
        return RefusalWords(_CHOICE_IS_OVER, None)
    if isinstance(because, TokenRefusal):
        return RefusalWords(_NOT_BELIEVED, because.value)
    return RefusalWords(because.label, because.value)


def stranger_in_words(stranger: Stranger, providers: Sequence[Provider]) -> StrangerWords:
    """Say what the provider stated, by its codes, and what is missing."""
    return StrangerWords(
        _provider(stranger.provider, providers),
        stranger.missing.label,
        stranger.roles,
        stranger.organisations,
        stranger.code,
    )


def session_lines(
    sessions: Iterable[ListedSession], providers: Sequence[Provider], *, current: str
) -> list[SessionLine]:
    """Write a line for each session in the order given."""
    return [
        SessionLine(
            name=one.name,
            provider=_provider(one.provider, providers),
            since=moment_in_words(one.since),
            last_seen=moment_in_words(one.last_seen_at),
            is_this=one.id == current,
            end=f"{SIGNED_IN_AT}/{one.id}/end",
            end_for=f"{WHO_IS_SIGNED_IN}/{one.practitioner}/{one.id}/end",
        )
        for one in sessions
    ]


def account_choices(accounts: Iterable[SignedInPractitioner]) -> list[Item]:
    """Make a radio button for each account: where one works, and as what."""
    return [
        {
            "value": who.id,
            "text": who.agency_name,
            "hint": {"text": f"{who.job_title} ({who.role.label})"},
        }
        for who in accounts
    ]


def people_choices(people: Iterable[SignedInPractitioner]) -> list[Item]:
    """Make a radio button for each invented person, with what they are."""
    return [
        {
            "value": person.id,
            "text": person.name,
            "hint": {"text": f"{person.job_title}, {person.agency_name} ({person.role.label})"},
        }
        for person in people
    ]


def _provider(name: str | None, providers: Sequence[Provider]) -> str:
    """What a provider is called on the sign-in page; its name where it is there no more."""
    if name is None:
        return _OF_INVENTED_PEOPLE
    return next((one.label for one in providers if one.name == name), name)
