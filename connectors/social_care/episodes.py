"""Social care episodes as records: referral, closure, workers, and what is in `items`."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from connectors.social_care.codes import ClosureReason, professional_source, words_for
from connectors.social_care.dated import Dates, dated_records, dates_of
from connectors.social_care.fields import (
    blocks_of,
    day,
    flag,
    is_empty,
    is_purged,
    key_part,
    period,
    required_text,
    text,
)
from connectors.social_care.items import item_records
from connectors.social_care.places import Place
from connectors.social_care.strict_json import Json
from schemas.records.message import Record
from schemas.records.payloads import Involvement, Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Category

_EPISODES = "social_care_episodes."
_WORKERS = "care_worker_details"
_CARE = Category.SOCIAL_CARE
_NO_WORKER = "%service"  # no worker's id is written like that (key_part)


def episode_records(
    block: Json, *, child: Place, la_code: str, hides_whereabouts: bool
) -> Iterator[Record]:
    """What one episode says, or that all of it is taken back.

    Source: DfE children's social care data API, social_care_episodes. Raises
    UnreadableMessageError with the field and the reason.
    """
    number = required_text(block, "social_care_episode_id", within=_EPISODES)
    episode = child.inside(f"episode/{key_part(number)}")
    if is_purged(block, within=_EPISODES):
        yield episode.cleared(_CARE)
        return
    yield from _referral(episode, block)
    yield from _closure(episode, block)
    yield from _involvements(episode, block, la_code)
    yield from item_records(episode, block, hides_whereabouts=hides_whereabouts)


def _referral(episode: Place, block: Json) -> Iterator[Record]:
    place = episode.inside("referral")
    begun = day(block, "referral_date", within=_EPISODES)
    stopped = flag(block, "referral_no_further_action_flag", within=_EPISODES)
    source = professional_source(text(block, "referral_source", within=_EPISODES))
    referral = Occurrence(
        kind=OccurrenceKind.REFERRAL,
        title="Referral to children's social care",
        period=Period(begun),
        outcome=None if stopped is None else _outcome(stopped=stopped),
        details=() if source is None else (("Referred by", source),),
    )
    if begun is not None:
        yield place.record(_CARE, referral)
    elif referral.outcome or referral.details:
        yield place.part("said", _CARE, referral)


def _outcome(*, stopped: bool) -> str:
    return "No further action" if stopped else "Taken further"


def _closure(episode: Place, block: Json) -> Iterator[Record]:
    """That the case was closed and why, but for adoption: whoever was, has another name since."""
    place = episode.inside("closure")
    closed = period(block, "referral_date", "closure_date", within=_EPISODES).end
    reason = text(block, "closure_reason", within=_EPISODES)
    told = reason if reason != ClosureReason.ADOPTED else None
    closure = Occurrence(
        kind=OccurrenceKind.REFERRAL,
        title="Children's social care closed",
        period=Period(closed),
        outcome=None if told is None else words_for(told, ClosureReason),
    )
    if closed is not None:
        yield place.record(_CARE, closure)
    elif closure.outcome is not None:
        yield place.part("said", _CARE, closure)
    elif is_empty(block, "closure_date"):
        yield place.cleared(_CARE)


def _involvements(episode: Place, block: Json, la_code: str) -> Iterator[Record]:
    """Who works on it: a list of workers is complete for its episode, and one left out has gone.

    While there is no worker the service itself is involved.
    """
    workers = list(blocks_of(block, _WORKERS, within=_EPISODES))
    closed = day(block, "closure_date", within=_EPISODES)
    everyone = episode.inside("workers")
    listed = list(_workers(everyone, workers, la_code, closed))
    is_complete = block.get(_WORKERS) is not None
    if is_complete:
        keeps = tuple(sorted({record.scopes[-1] for record in listed}))
        yield everyone.cleared(_CARE, keeps=keeps)
    yield from listed
    begun = day(block, "referral_date", within=_EPISODES)
    stopped = flag(block, "referral_no_further_action_flag", within=_EPISODES)
    if not workers and not stopped and (begun or closed or is_complete):
        service = everyone.inside(_NO_WORKER)
        dates = Dates(begun, closed, is_open=is_empty(block, "closure_date"))
        yield from dated_records(service, _CARE, dates, partial(_involvement, la_code, None))


def _workers(
    everyone: Place, workers: list[Json], la_code: str, closed: str | None
) -> Iterator[Record]:
    """Each time of a worker; nobody works on a closed case."""
    path = f"{_EPISODES}{_WORKERS}."
    times: Counter[str] = Counter()
    for worker in workers:
        number = required_text(worker, "worker_id", within=path)
        times[number] += 1
        again = f"/{times[number]}" if times[number] > 1 else ""
        place = everyone.inside(f"{key_part(number)}{again}")
        dates = dates_of(worker, "start_date", "end_date", within=path)
        if closed is not None and dates.end is None:
            dates = Dates(dates.start, closed)
        involvement = partial(_involvement, la_code, number)
        yield from dated_records(place, _CARE, dates, involvement)


def _involvement(la_code: str, worker: str | None, period: Period) -> Involvement:
    return Involvement(
        service="Children's social care",
        agency_code=la_code,
        practitioner_ref=worker,
        period=period,
    )
