"""A child's payload of the children's social care API to source message. Pure."""

from collections.abc import Iterator

from connectors.social_care.child_details import details_records, subject_of
from connectors.social_care.codes import ClosureReason
from connectors.social_care.episodes import episode_records
from connectors.social_care.fields import (
    block_of,
    blocks_of,
    day,
    is_purged,
    key_part,
    required_text,
    text,
)
from connectors.social_care.places import Place, child_place
from connectors.social_care.strict_json import Json
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record, SourceMessage, Version
from schemas.vocabulary import Category, Source

_REF = "child"
_EPISODES = "social_care_episodes"


def source_message_from_child(
    child: Json, *, la_code: str, message_id: str, version: Version
) -> SourceMessage:
    """What one authority says about one child; raises UnreadableMessageError.

    Payloads may be partial: a block, an item or a field that is not there says nothing. Left with
    the authority, because no professional elsewhere needs them: strengths and difficulties scores,
    ethnicity, asylum, the former UPN, the number in the authority's own system.
    """
    number = required_text(child, "la_child_id")
    place = child_place(la_code, key_part(number), ref=_REF)
    known_by, records = _said(child, place, la_code)
    if len({(record.action, record.source_id) for record in records}) < len(records):
        raise UnreadableMessageError(field=_EPISODES, reason="duplicate-id")
    return SourceMessage(
        source=Source.SOCIAL_CARE,
        message_id=message_id,
        version=version,
        subjects=(subject_of(known_by, la_code, number, ref=_REF),),
        records=records,
    )


def scopes_of_child(child: Json, la_code: str) -> tuple[str, ...]:
    """The scope of all that is said of a child; none when it does not say who it is about."""
    try:
        number = required_text(child, "la_child_id")
    except UnreadableMessageError:
        return ()
    return child_place(la_code, key_part(number), ref=_REF).scopes


def _said(child: Json, place: Place, la_code: str) -> tuple[Json, tuple[Record, ...]]:
    """By which details the child may be known beside the authority's own number, and what is said.

    Whoever is taken back is known by that number alone, and nothing else of the payload counts.
    So is a child who is adopted: no new name or UPN is ever put beside the old one
    (DOMAIN section 4.3).
    """
    if is_purged(child):
        return {}, (place.cleared(Category.IDENTITY_AND_CONTACT),)
    details, episodes = block_of(child, "child_details"), list(blocks_of(child, _EPISODES))
    is_adopted = any(map(_is_adopted, episodes))
    records = tuple(_records(place, details, episodes, la_code, is_adopted=is_adopted))
    return {} if is_adopted else details, records


def _records(
    child: Place, details: Json, episodes: list[Json], la_code: str, *, is_adopted: bool
) -> Iterator[Record]:
    yield from details_records(child, details, is_hidden=is_adopted)
    for episode in episodes:
        yield from episode_records(
            episode, child=child, la_code=la_code, hides_whereabouts=is_adopted
        )


def _is_adopted(episode: Json) -> bool:
    """Whether the child is with the family that adopts them, or adopted already."""
    path = f"{_EPISODES}."
    adoption = block_of(episode, "adoption", within=path)
    placed = day(adoption, "placed_date", within=f"{path}adoption.")
    return placed is not None or text(episode, "closure_reason") == ClosureReason.ADOPTED
