"""The queue of pairs about whom somebody is asked: opened, brought up to date, closed. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from consent.ledger import ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId
from services.linking.claims import Compared
from services.linking.ports import ACTOR, Considering, Review, ReviewState

_AS_GOOD_AS_EQUAL = 0.01


def ask_about(
    person: PersonId, found: Mapping[PersonId, Compared], *, considering: Considering
) -> None:
    """Open a review with each who was found, and close those that are pointless by now.

    Of several that ask about the same two, since who they name became one, the first stays.
    """
    canonical = considering.clusters.members([person])[person][0]
    before: dict[PersonId, Review] = {}
    for other, review in _open_reviews(person, considering):
        if other == canonical:
            _close(review, "joined", considering)
        elif other not in found:
            _close(review, "not-alike-any-more", considering)
        elif other in before:
            _close(review, "asked-about-already", considering)
        else:
            before[other] = review
    for other, compared in found.items():
        known = before.get(other)
        if known is None:
            _open(canonical, other, compared, considering)
        elif _is_news(known, compared, considering):
            considering.reviews.save(_scored(known, compared, considering))


def remember_joined(
    person: PersonId, other: PersonId, compared: Compared, *, considering: Considering
) -> None:
    """List two who were joined without asking among those who were, so that it can be undone."""
    review = _review(person, other, compared, considering)
    now = considering.clock.now()
    joined = replace(review, state=ReviewState.JOINED, answered_at=now, answered_by=ACTOR)
    considering.reviews.save(joined)


def _open_reviews(person: PersonId, considering: Considering) -> Iterator[tuple[PersonId, Review]]:
    """The open reviews of a person and all who are one with them, each with whom it is about.

    Those are named by the id that is known outside now; the first that was opened comes first.
    """
    clusters = considering.clusters
    members = clusters.members([person])[person]
    reviews = {r.id: r for m in members for r in considering.reviews.of(m) if r.state.is_open}
    others = {r.id: r.other if r.one in members else r.one for r in reviews.values()}
    outside = clusters.members(list(others.values()))
    for review in sorted(reviews.values(), key=lambda r: (r.opened_at, r.id)):
        yield outside[others[review.id]][0], review


def _is_news(known: Review, compared: Compared, considering: Considering) -> bool:
    is_other_score = abs(known.bits - compared.score.bits) > _AS_GOOD_AS_EQUAL
    return is_other_score or known.weights != considering.weights.version


def _scored(review: Review, compared: Compared, considering: Considering) -> Review:
    return replace(review, bits=compared.score.bits, weights=considering.weights.version)


def _open(person: PersonId, other: PersonId, compared: Compared, considering: Considering) -> None:
    review = _review(person, other, compared, considering)
    considering.reviews.save(review)
    fields = {"review": review.id, "person": review.one, "other": review.other}
    now = considering.clock.now()
    entry = ledger_entry(LedgerEvent.LINK_REVIEW_OPENED, fields, at=now, actor=ACTOR)
    considering.ledger.append([entry])


def _review(
    person: PersonId, other: PersonId, compared: Compared, considering: Considering
) -> Review:
    now = considering.clock.now()
    one, two = sorted((person, other))
    bits, version = compared.score.bits, considering.weights.version
    return Review(str(new_entry_id(now)), one, two, bits, version, ReviewState.WAITING, now)


def _close(review: Review, because: str, considering: Considering) -> None:
    considering.reviews.delete(review)
    fields = {"review": review.id, "because": because}
    now = considering.clock.now()
    entry = ledger_entry(LedgerEvent.LINK_REVIEW_CLOSED, fields, at=now, actor=ACTOR)
    considering.ledger.append([entry])
