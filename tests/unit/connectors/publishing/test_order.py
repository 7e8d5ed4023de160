"""The order of messages without a date, where the database has little to do with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO

from connectors.ports import Received
from connectors.publishing.batch import ref_of
from connectors.publishing.events import RecordKeys
from connectors.publishing.receiving.order import AsItCame, about_of, in_order
from connectors.publishing.receiving.taken import Came, Earlier
from connectors.social_care.csc.reader import read_csc
from schemas.identifiers import RecordKey
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source
from services.platform.keys.hashing import KeyedHasher
from tests.support.messages.csc import a_child, csc

SOURCE = Source.SOCIAL_CARE
HASHER = KeyedHasher(bytes(32))
KEYS = RecordKeys(SOURCE, HASHER)
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Taken:
    """What was taken so far, in memory."""

    rows: dict[str, tuple[RecordKey, str]] = field(default_factory=dict)

    def newest(self, source: Source, about: Collection[RecordKey]) -> Mapping[RecordKey, Earlier]:
        """The latest of each."""
        del source
        found = sorted((version, ref, whose) for ref, (whose, version) in self.rows.items())
        return {whose: Earlier(ref, version) for version, ref, whose in found if whose in about}

    def versions(self, source: Source, refs: Collection[str]) -> Mapping[str, str | None]:
        """Of those that were taken."""
        del source
        return {ref: self.rows[ref][1] for ref in refs if ref in self.rows}

    def take(self, *received: Received, came: Came = Came.NOW) -> list[SourceMessage]:
        """Take them; gives each as it is taken."""
        asked = [AsItCame(one, came) for one in received]
        placed = in_order(SOURCE, asked, keys=KEYS, taken=self, hasher=HASHER)
        for one in placed:
            about, version = about_of(one, KEYS), one.outcome.version
            assert about is not None
            assert version is not None
            self.rows[ref_of(SOURCE, one, HASHER)] = (about, version.sort_key)
        return [one.outcome for one in placed if isinstance(one.outcome, SourceMessage)]


def said(*postcodes: str, at: datetime) -> Sequence[Received]:
    """What an authority says of a child in one body: where it lives."""
    children = [a_child(child_details={"postcode": postcode}) for postcode in postcodes]
    return list(read_csc(BytesIO(csc(*children)), received_at=at))


def test_whatever_is_taken_last_is_the_newest_and_another_message():
    """At one moment, at the last that there is, and when the clock is put back."""
    for at in (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), LAST):
        taken, found = Taken(), list[SourceMessage]()

        for back in range(3):
            for where in ("NF1 1AA", "NF1 1AB"):
                found += taken.take(*said(where, at=at - back * timedelta(minutes=1)))

        versions = [message.version.sort_key for message in found]
        assert versions == sorted(set(versions)), at
        assert len({message.message_id for message in found}) == len(found), at


def test_what_is_taken_again_is_the_same_message():
    """After another child, in a body of several, or at an earlier moment."""
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    taken = Taken()
    *_, last = taken.take(*said("NF1 1AA", "NF1 1AB", "NF1 1AA", at=at))

    for minutes in (59, -59):
        (again,) = taken.take(*said("NF1 1AA", at=at + timedelta(minutes=minutes)))
        assert (again.message_id, again.version.sort_key) == (
            last.message_id,
            last.version.sort_key,
        )
    (later,) = taken.take(*said("NF1 1AA", at=at + timedelta(hours=1)))
    assert later.message_id != last.message_id


def test_a_file_that_is_read_again_is_as_it_was_whatever_was_taken_since():
    """Each of the messages in it, also one that says again what another before it did."""
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    taken = Taken()
    first = taken.take(*said("NF1 1AA", "NF1 1AB", "NF1 1AA", at=at), came=Came.FILE)
    taken.take(*said("NF1 1AC", at=at + timedelta(days=1)))

    again = taken.take(*said("NF1 1AA", "NF1 1AB", "NF1 1AA", at=at), came=Came.FILE)

    assert len({message.message_id for message in first}) == 3
    assert [message.message_id for message in again][1:] == [m.message_id for m in first][1:]
    assert {m.message_id for m in again} <= {m.message_id for m in first}
