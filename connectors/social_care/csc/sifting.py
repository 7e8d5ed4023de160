"""One wrong date costs its item: a child's payload taken apart into what can be read alone. Pure.

A payload is refused for its shape alone: no child's number, a list that is none. Anything else that
cannot be read is a part of it, and lies in a place of its own: the child's details, what an episode
says of itself, its workers, one plan. Who sends only what changed sends one field of that next
time; so fields of a part that could not be read are laid under those of it that come later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.parsing.strict_json import Json
from connectors.social_care.codes import ClosureReason
from connectors.social_care.csc.episodes import ITEM_LISTS, SINGLE_BLOCKS, WORKERS
from connectors.social_care.csc.fields import (
    Place,
    block_of,
    blocks_of,
    is_purged,
    key_part,
    required_text,
)
from schemas.errors import UnreadableMessageError

_DETAILS = "child_details"
_EPISODES = "social_care_episodes"
_EPISODE_ID = "social_care_episode_id"
_IN_EPISODES = f"{_EPISODES}."
_APART_IN_DETAILS = ("date_of_death", "disabilities", "postcode")
_PARTS_OF_AN_EPISODE = frozenset({*ITEM_LISTS, *SINGLE_BLOCKS, WORKERS})


@dataclass(frozen=True, slots=True, repr=False)
class PayloadPart:
    """A part of a child's payload: the same child with nothing but this, and where it lies.

    `has_place` unless it has no id of its own: then nothing later can complete it.
    """

    child: Json
    place: Place
    has_place: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class FaultyPayloadPart:
    """A part that cannot be read, and why."""

    part: PayloadPart
    why: UnreadableMessageError


@dataclass(frozen=True, slots=True, repr=False)
class Sifted:
    """A child's payload without what cannot be read; None where there is nothing else.

    `hides_whereabouts`: what cannot be read may say that the child is adopted.
    """

    sound: Json | None
    faults: tuple[FaultyPayloadPart, ...]

    @property
    def hides_whereabouts(self) -> bool:
        """Whether a part that cannot be read may say that the child is with another family."""
        return any(_may_tell_of_adoption(fault.part.child) for fault in self.faults)


def sifted(child: Json, place: Place, read: Callable[[Json], object]) -> Sifted:
    """The payload apart from those of its parts that `read` refuses.

    Raises UnreadableMessageError where it has not the shape of a child's payload.
    """
    sound, faults = [], []
    for part in parts_of(child, place):
        try:
            read(part.child)
            sound.append(part)
        except UnreadableMessageError as error:
            faults.append(FaultyPayloadPart(part, error))
    if not faults or not sound:
        return Sifted(None if faults else child, tuple(faults))
    around = {name: said for name, said in child.items() if name not in {_DETAILS, _EPISODES}}
    return Sifted(put_together(around, [part.child for part in sound]), tuple(faults))


def parts_of(child: Json, place: Place) -> Iterator[PayloadPart]:
    """Each part of a payload; raises UnreadableMessageError for one of another shape."""
    _refuse_another_shape(child)
    number = {"la_child_id": child["la_child_id"]}
    for details, where in _in_details(child, place.inside("details")):
        yield PayloadPart({**number, _DETAILS: details}, where)
    by_id: dict[str, list[Json]] = {}
    for episode in blocks_of(child, _EPISODES):
        try:
            key = key_part(required_text(episode, _EPISODE_ID, within=_IN_EPISODES))
        except UnreadableMessageError:
            yield PayloadPart({**number, _EPISODES: [episode]}, place, has_place=False)
        else:
            by_id.setdefault(key, []).append(episode)
    for key, episodes in by_id.items():
        where = place.inside(f"episode/{key}")
        # Two of one id are read together or not at all.
        found = _in_episode(episodes[0], where) if len(episodes) == 1 else [(episodes, where, True)]
        for blocks, lies_in, has_place in found:
            yield PayloadPart({**number, _EPISODES: blocks}, lies_in, has_place)


def _in_details(child: Json, place: Place) -> Iterator[tuple[Json, Place]]:
    """Who the child is, and apart from that what must not be lost with it: above all a death."""
    details = child.get(_DETAILS)
    if details is None:
        return
    apart = () if _is_taken_back(details) else _APART_IN_DETAILS
    own = {name: said for name, said in details.items() if name not in apart}
    if own or not details:
        yield own, place.inside("itself")
    for name in apart:
        if name in details:
            yield {name: details[name]}, place.inside(name)


def _in_episode(episode: Json, place: Place) -> Iterator[tuple[list[Json], Place, bool]]:
    own = {name: said for name, said in episode.items() if name not in _PARTS_OF_AN_EPISODE}
    if len(own) > 1 or len(episode) == 1:
        yield [own], place.inside("itself"), True
    if _is_taken_back(episode):
        return
    number = {_EPISODE_ID: episode[_EPISODE_ID]}
    for name, key in {WORKERS: WORKERS, **SINGLE_BLOCKS}.items():
        if episode.get(name) is not None:
            yield [{**number, name: episode[name]}], place.inside(key), True
    for name, (key, id_field) in ITEM_LISTS.items():
        for item_id, items in _by_id(blocks_of(episode, name), id_field):
            where = place if item_id is None else place.inside(f"{key}/{item_id}")
            yield [{**number, name: items}], where, item_id is not None


def _by_id(items: Iterator[Json], id_field: str) -> Iterator[tuple[str | None, list[Json]]]:
    """Items of one id together: nobody here can say which of them holds."""
    by_id: dict[str, list[Json]] = {}
    for item in items:
        try:
            key = key_part(required_text(item, id_field))
        except UnreadableMessageError:
            yield None, [item]
        else:
            by_id.setdefault(key, []).append(item)
    yield from by_id.items()


def put_together(around: Json, parts: Sequence[Json]) -> Json:
    """One payload of parts of one child."""
    whole = dict(around)
    episodes: dict[str, Json] = {}
    for part in parts:
        if _DETAILS in part:
            whole[_DETAILS] = {**whole.get(_DETAILS, {}), **part[_DETAILS]}
        for episode in part.get(_EPISODES, ()):
            before = episodes.setdefault(str(episode[_EPISODE_ID]), {})
            for name, said in episode.items():
                is_items = name in ITEM_LISTS and name in before
                before[name] = [*before[name], *said] if is_items else said
    if episodes:
        whole[_EPISODES] = list(episodes.values())
    return whole


def completed(child: Json, earlier: Sequence[Json]) -> Json:
    """The payload with fields of `earlier` parts of the same child, where it has none of that name.

    Only what it names is completed: a block, an item by its id.
    """
    whole = dict(child)
    for part in earlier:
        if whole.get(_DETAILS) is not None:
            whole[_DETAILS] = {**part.get(_DETAILS, {}), **whole[_DETAILS]}
        under = {str(episode[_EPISODE_ID]): episode for episode in part.get(_EPISODES, ())}
        if under and whole.get(_EPISODES) is not None:
            whole[_EPISODES] = [
                _episode_over(under.get(str(episode.get(_EPISODE_ID)), {}), episode)
                for episode in whole[_EPISODES]
            ]
    return whole


def _episode_over(earlier: Json, episode: Json) -> Json:
    whole = {**{n: s for n, s in earlier.items() if n not in _PARTS_OF_AN_EPISODE}, **episode}
    for name in SINGLE_BLOCKS:
        if episode.get(name) is not None:
            whole[name] = {**earlier.get(name, {}), **episode[name]}
    for name, (_, id_field) in ITEM_LISTS.items():
        under = {str(item.get(id_field)): item for item in earlier.get(name, ())}
        if under and episode.get(name) is not None:
            items = episode[name]
            whole[name] = [{**under.get(str(item.get(id_field)), {}), **item} for item in items]
    return whole


def _refuse_another_shape(child: Json) -> None:
    is_purged(child)
    block_of(child, _DETAILS)
    for episode in blocks_of(child, _EPISODES):
        for name in (*ITEM_LISTS, WORKERS):
            for _ in blocks_of(episode, name, within=_IN_EPISODES):
                pass
        for name in SINGLE_BLOCKS:
            block_of(episode, name, within=_IN_EPISODES)


def _is_taken_back(block: Json) -> bool:
    try:
        return is_purged(block)
    except UnreadableMessageError:
        return False


def _may_tell_of_adoption(child: Json) -> bool:
    return any(
        "adoption" in episode
        or not isinstance(episode.get("closure_reason"), str | None)
        or episode.get("closure_reason") == ClosureReason.ADOPTED
        for episode in child.get(_EPISODES, ())
    )
