"""Social care episodes as records: referral, workers, assessments, plans, placements."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.social_care.fields import (
    blocks_of,
    day,
    flag,
    is_purged,
    key_part,
    period,
    required_text,
    text,
)
from connectors.social_care.referral_sources import professional_source
from connectors.social_care.strict_json import Json
from schemas.records.message import Record
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Payload,
    Period,
    Plan,
)
from schemas.vocabulary import Action, Category, Label

_EPISODES = "social_care_episodes."
_PROTECTED = frozenset({Label.LOCATION, Label.PROTECTED_LOCATION})


@dataclass(frozen=True, slots=True, repr=False)
class Episode:
    """One episode of a child: where its records go and whether all of it is taken back."""

    block: Json
    key: str
    la_code: str
    ref: str
    purged: bool

    def record(
        self,
        name: str,
        category: Category,
        payload: Payload,
        *,
        purged: bool = False,
        labels: frozenset[Label] = frozenset(),
    ) -> Record:
        """A record of this episode, or its removal when it or all of the episode is taken back."""
        source_id, subjects = f"{self.key}/{name}", (self.ref,)
        if purged or self.purged:
            return Record(source_id, category, subjects, None, Action.REMOVE, labels)
        return Record(source_id, category, subjects, payload, labels=labels)


def episode_records(block: Json, *, key: str, la_code: str, ref: str) -> Iterator[Record]:
    """What one episode says. Adoption and leaving care are not read: nobody asked to see them.

    Source: DfE children's social care data API, social_care_episodes. Raises
    UnreadableMessageError with the field and the reason.
    """
    number = required_text(block, "social_care_episode_id", within=_EPISODES)
    episode = Episode(
        block=block,
        key=f"{key}/episode/{key_part(number)}",
        la_code=la_code,
        ref=ref,
        purged=is_purged(block, within=_EPISODES),
    )
    yield _referral(episode)
    yield from _involvements(episode)
    yield from _assessments(episode)
    yield from _enquiries(episode)
    yield from _plans(episode)
    yield from _placements(episode)


def _referral(episode: Episode) -> Record:
    block = episode.block
    stopped = flag(block, "referral_no_further_action_flag", within=_EPISODES)
    source = professional_source(text(block, "referral_source", within=_EPISODES))
    referral = Occurrence(
        kind=OccurrenceKind.REFERRAL,
        title="Referral to children's social care",
        period=Period(start=day(block, "referral_date", within=_EPISODES)),
        outcome="No further action" if stopped else None,
        details=() if source is None else (("Referred by", source),),
    )
    return episode.record("referral", Category.SOCIAL_CARE, referral)


def _involvements(episode: Episode) -> Iterator[Record]:
    """One each time of a worker; the service itself while an open episode has no worker yet."""
    path = f"{_EPISODES}care_worker_details."
    workers = list(blocks_of(episode.block, "care_worker_details", within=_EPISODES))
    times: Counter[str] = Counter()
    for worker in workers:
        number = required_text(worker, "worker_id", within=path)
        dates = period(worker, "start_date", "end_date", within=path)
        involvement = _involvement(episode, dates, worker=number)
        times[number] += 1
        again = f"/{times[number]}" if times[number] > 1 else ""
        source_id = f"worker/{key_part(number)}{again}"
        yield episode.record(source_id, Category.SOCIAL_CARE, involvement)
    dates = period(episode.block, "referral_date", "closure_date", within=_EPISODES)
    if not workers and not episode.block.get("referral_no_further_action_flag"):
        yield episode.record(
            "involvement", Category.SOCIAL_CARE, _involvement(episode, dates, worker=None)
        )


def _involvement(episode: Episode, dates: Period, *, worker: str | None) -> Involvement:
    return Involvement(
        service="Children's social care",
        agency_code=episode.la_code,
        practitioner_ref=worker,
        period=dates,
    )


def _assessments(episode: Episode) -> Iterator[Record]:
    name = "child_and_family_assessments"
    path = f"{_EPISODES}{name}."
    for block in blocks_of(episode.block, name, within=_EPISODES):
        number = required_text(block, "child_and_family_assessment_id", within=path)
        assessment = Occurrence(
            kind=OccurrenceKind.ASSESSMENT,
            title="Child and family assessment",
            period=period(block, "start_date", "authorisation_date", within=path),
        )
        purged = is_purged(block, within=path)
        yield episode.record(
            f"assessment/{key_part(number)}", Category.SOCIAL_CARE, assessment, purged=purged
        )


def _enquiries(episode: Episode) -> Iterator[Record]:
    name = "section_47_assessments"
    path = f"{_EPISODES}{name}."
    for block in blocks_of(episode.block, name, within=_EPISODES):
        number = required_text(block, "section_47_assessment_id", within=path)
        conference = day(block, "icpc_date", within=path)
        required = flag(block, "icpc_required_flag", within=path)
        held = conference or _whether_required(required=required)
        enquiry = Occurrence(
            kind=OccurrenceKind.ASSESSMENT,
            title="Section 47 enquiry",
            period=period(block, "start_date", "end_date", within=path),
            details=() if held is None else (("Initial child protection conference", held),),
        )
        purged = is_purged(block, within=path)
        yield episode.record(
            f"enquiry/{key_part(number)}", Category.SAFEGUARDING, enquiry, purged=purged
        )


def _whether_required(*, required: bool | None) -> str | None:
    if required is None:
        return None
    return "required" if required else "not required"


def _plans(episode: Episode) -> Iterator[Record]:
    for kind, title, category in (
        ("child-in-need", "Child in need plan", Category.SOCIAL_CARE),
        ("child-protection", "Child protection plan", Category.SAFEGUARDING),
    ):
        name = f"{kind.replace('-', '_')}_plans"
        path = f"{_EPISODES}{name}."
        for block in blocks_of(episode.block, name, within=_EPISODES):
            number = required_text(block, name.removesuffix("s") + "_id", within=path)
            plan = Plan(kind, title, period(block, "start_date", "end_date", within=path))
            purged = is_purged(block, within=path)
            yield episode.record(f"{kind}/{key_part(number)}", category, plan, purged=purged)


def _placements(episode: Episode) -> Iterator[Record]:
    """That a child is looked after, and where: an address that a birth family must not see."""
    name = "child_looked_after_placements"
    path = f"{_EPISODES}{name}."
    for block in blocks_of(episode.block, name, within=_EPISODES):
        number = key_part(required_text(block, "child_looked_after_placement_id", within=path))
        dates = period(block, "start_date", "end_date", within=path)
        purged = is_purged(block, within=path)
        plan = Plan("looked-after", "Looked after by the local authority", dates)
        yield episode.record(f"placement/{number}", Category.SOCIAL_CARE, plan, purged=purged)
        postcode = text(block, "postcode", within=path)
        if postcode is not None or purged or episode.purged:
            address = Address((), postcode, dates, use="placement")
            yield episode.record(
                f"placement/{number}/address",
                Category.SOCIAL_CARE,
                ContactDetails(addresses=(address,)),
                purged=purged,
                labels=_PROTECTED,
            )
