"""Ledger entries for tests, and strategies that make every possible one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from hypothesis import strategies as st

from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import (
    CODE,
    FIELD_PATH,
    ID,
    REASON,
    RECIPIENT,
    SHA256,
    TIME,
    VERSION,
    WHOLE_NUMBER,
    FieldKind,
)
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry
from consent.ledger.merkle import Frontier, leaf_hash
from consent.transparency.checkpoint import LedgerSigner

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ORIGIN = "tell-once.example/ledger"
SIGNER = LedgerSigner(ORIGIN, bytes(range(32)))
ACTOR = "practitioner:0b0f0c0a-1111-4222-8333-444455556666"


def an_entry(
    event: LedgerEvent = LedgerEvent.SEARCH_MADE,
    fields: Mapping[str, FieldValue] | None = None,
    *,
    at: datetime = NOW,
    actor: str = ACTOR,
    entry_id: UUID | None = None,
    number: int = 0,
) -> LedgerEntry:
    """Build an entry; by default a search, told apart from others by `number`."""
    chosen = {"search": f"{number:032x}", "results": 1} if fields is None else fields
    return ledger_entry(event, chosen, at=at, actor=actor, entry_id=entry_id)


opaque_ids = st.one_of(
    st.uuids().map(str), st.binary(min_size=10, max_size=32).map(lambda content: content.hex())
)
codes = st.from_regex(r"\A[a-z][a-z._:-]{0,20}[0-9]{0,3}\Z")
paths = st.from_regex(r"\A[A-Za-z][A-Za-z_./\[\]]{0,20}\Z")
times = st.integers(0, 7_000_000_000_000_000).map(
    lambda microseconds: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
)
_OF_KIND = {
    ID: opaque_ids,
    CODE: codes,
    VERSION: codes | st.from_regex(r"\A20[0-9]{2}-(?:0[1-9]|1[0-2])\Z"),
    SHA256: st.binary(min_size=32, max_size=32).map(lambda content: content.hex()),
    WHOLE_NUMBER: st.integers(0, 999_999_999),
    FIELD_PATH: paths,
    TIME: times.map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    REASON: st.one_of(codes, st.builds("{}:{}".format, st.just("contradicts"), paths)),
    RECIPIENT: st.one_of(
        opaque_ids.map(lambda opaque: f"practitioner:{opaque}"),
        codes.map(lambda code: f"role:{code}"),
    ),
}
_SINGLE = {kind.json: strategy for kind, strategy in _OF_KIND.items()}


@cache
def of_kind(kind: FieldKind) -> st.SearchStrategy[FieldValue]:
    """Make every value that a kind of field may hold."""
    if kind.items is not None:
        return st.lists(of_kind(kind.items), max_size=3)
    if kind.vocabulary is not None:
        return st.sampled_from(sorted(kind.vocabulary))
    return _SINGLE[kind.json]


@st.composite
def entries(draw: st.DrawFn) -> LedgerEntry:
    """Make every possible entry."""
    event = draw(st.sampled_from(LedgerEvent))
    fields = {name: draw(of_kind(kind)) for name, kind in EVENT_FIELDS[event].items()}
    actor = draw(
        st.one_of(
            opaque_ids.map(lambda opaque: f"practitioner:{opaque}"),
            codes.map(lambda code: f"job:{code}"),
            codes.map(lambda code: f"partner:{code}"),
        )
    )
    return ledger_entry(event, fields, at=draw(times), actor=actor, entry_id=draw(st.uuids()))


def a_log(
    entries: Sequence[LedgerEntry], *, signed_at: Sequence[int] = (), signer: LedgerSigner = SIGNER
) -> list[LogItem]:
    """Build the log of these entries, signed at these sizes, and at the end."""
    frontier = Frontier()
    sizes = {*signed_at, len(entries)}
    items: list[LogItem] = []

    def sign() -> None:
        if frontier.size in sizes:
            note = signer.sign_checkpoint(size=frontier.size, root=frontier.root())
            items.append(StoredCheckpoint(frontier.size, note))

    sign()
    for index, entry in enumerate(entries):
        leaf = leaf_hash(entry.body)
        frontier.append(leaf)
        items.append(StoredEntry(index, leaf, entry.body, str(entry.entry_id)))
        sign()
    return items
