"""What stays of a restricted person's records when they may not be stored: where that person is."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from consent.decision import OnRecord
from schemas.identifiers import PersonId
from schemas.records.homes import homes_told
from schemas.records.published import PublishedRecord
from services.aggregation.ports import ProtectedPlaces


def protect_homes(
    told: Iterable[Iterable[PublishedRecord]],
    on_record: Mapping[PersonId, OnRecord],
    places: ProtectedPlaces,
    *,
    at: datetime,
) -> None:
    """Keep where any of these records say that somebody restricted lives, stored or not."""
    homes = [
        home
        for records in told
        for record in records
        for home in homes_told(record.payload, record.persons)
        if on_record[home[0]].is_protected(at)
    ]
    if homes:
        places.protect(homes)
