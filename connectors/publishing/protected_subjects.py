"""What a message about somebody restricted leaves, published or not: where that person is.

Whoever lives with them may be told of by others, and nothing else would say that this is a place
to protect. Only its keyed hash is kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from connectors.publishing.ports import ResolvedSubject
from consent.ports import ProtectedPlaces
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage
from schemas.records.payloads import Address
from schemas.records.published import homes_told


def protect_homes(
    messages: Sequence[tuple[int, SourceMessage]],
    resolved: Mapping[int, Sequence[ResolvedSubject]],
    restricted: Collection[PersonId],
    places: ProtectedPlaces,
) -> None:
    """Keep where these messages say that any of the restricted live."""
    if not restricted:
        return
    told = [
        (person, address)
        for position, message in messages
        for person, address in _homes(message, resolved[position])
        if person is not None and person in restricted
    ]
    if told:
        places.protect(told)


def _homes(
    message: SourceMessage, resolved: Sequence[ResolvedSubject]
) -> Iterator[tuple[PersonId | None, Address]]:
    persons = {s.ref: r.person for s, r in zip(message.subjects, resolved, strict=True)}
    for record in message.records:
        about = [persons[ref] for ref in record.subjects]
        yield from homes_told(record.payload, about)
