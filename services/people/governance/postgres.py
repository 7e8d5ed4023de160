"""Orders of two hands and governance's queue in PostgreSQL: a row a state, never changed."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PersonId
from services.ledger.bound_tables import ORDERS
from services.ledger.postgres_bound import BoundRows
from services.people.governance.orders import Order, OrderStatus, document_bytes
from services.people.governance.queue import Item, ItemKind
from services.people.signing_in.postgres_accounts import are_one
from services.platform.errors import ServiceUnavailableError

# A first state is locked, so that two answers to one order come one after the other.
_LOCK_ORDER = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(CAST(:id AS text), 0))
""")
_ORDER = text("""
    SELECT * FROM two_hands_order WHERE order_id = :id ORDER BY state DESC LIMIT 1
""")
_ORDERS = text("""
    SELECT DISTINCT ON (order_id) * FROM two_hands_order WHERE kind = ANY(:kinds)
    ORDER BY order_id, state DESC
""")
_ITEM = text("SELECT * FROM governance_item WHERE item_id = :id ORDER BY state DESC LIMIT 1")
_OPEN = text("""
    SELECT i.* FROM governance_open AS o JOIN governance_item AS i USING (item_id)
    WHERE i.state = 1 ORDER BY o.due_at, o.item_id LIMIT :most
""")
_COUNT_OPEN = text("""
    SELECT count(*) FROM governance_open
    WHERE kind = :kind AND raised_by = :by AND known_at > :since
""")
_ADD_ITEM = text("""
    INSERT INTO governance_item (item_id, state, kind, person_id, about, raised_by, due_at, outcome,
                                 closed_by, known_at)
    VALUES (:id, :state, :kind, :person, :about, :raised_by, :due_at, :outcome, :closed_by, :at)
    ON CONFLICT DO NOTHING
""")


class PostgresOrders:
    """services.people.governance.orders.Orders over one transaction.

    One that is not as it was written is not there: nobody answers it, and nothing comes of it.
    """

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def find(self, order: str) -> Order | None:
        """One order as it stands, locked until commit."""
        self._connection.execute(_LOCK_ORDER, {"id": f"two-hands-order {order}"})
        row = self._connection.execute(_ORDER, {"id": order}).first()
        return None if row is None or not self._bound.holds(ORDERS, row) else _order(row)

    def of_kinds(self, *kinds: str) -> Sequence[Order]:
        """All orders of these kinds as they stand, the oldest first."""
        rows = self._connection.execute(_ORDERS, {"kinds": list(kinds)})
        return [_order(row) for row in rows if self._bound.holds(ORDERS, row)]

    def add(self, order: Order, *, at: datetime) -> None:
        """Write an order, or its next state."""
        row = {
            "order_id": order.id,
            "state": order.state,
            "kind": order.kind,
            "document": document_bytes(order),
            "status": order.status.value,
            "asked_by": order.asked_by,
            "answered_by": order.answered_by,
            "lapses_at": order.lapses_at,
            "known_at": at,
        }
        if not self._bound.add(ORDERS, [(row, order.answered_by or order.asked_by)]):
            raise ServiceUnavailableError("another answer to this order came first; try again")

    def are_one(self, one: str, other: str) -> bool:
        """Whether two actors are one account, or accounts that one sign-in opens or ever opened."""
        return are_one(self._connection, one, other)


class PostgresQueue:
    """services.people.governance.queue.Queue over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, item: str) -> Item | None:
        """One item as it stands, locked until commit."""
        self._connection.execute(_LOCK_ORDER, {"id": f"governance-item {item}"})
        row = self._connection.execute(_ITEM, {"id": item}).first()
        return None if row is None else _item(row)

    def add(self, item: Item, *, at: datetime) -> None:
        """Write an item, or its next state."""
        self._connection.execute(
            _ADD_ITEM,
            {
                "id": item.id,
                "state": item.state,
                "kind": item.kind.value,
                "person": item.person,
                "about": item.about,
                "raised_by": item.raised_by,
                "due_at": item.due_at,
                "outcome": item.outcome,
                "closed_by": item.closed_by,
                "at": at,
            },
        )

    def waiting(self, *, most: int) -> Sequence[Item]:
        """What is open, the soonest due first."""
        return [_item(row) for row in self._connection.execute(_OPEN, {"most": most})]

    def count_open(self, kind: ItemKind, *, by: str, since: datetime) -> int:
        """How many of this kind one actor has raised since then that nobody has closed."""
        asked = {"kind": kind.value, "by": by, "since": since}
        return int(self._connection.execute(_COUNT_OPEN, asked).scalar() or 0)


def _order(row: Row[tuple[object, ...]]) -> Order:
    return Order(
        row.order_id,
        row.kind,
        json.loads(bytes(row.document)),
        row.asked_by,
        row.lapses_at,
        OrderStatus(row.status),
        row.answered_by,
        row.state,
        row.known_at,
    )


def _item(row: Row[tuple[object, ...]]) -> Item:
    return Item(
        row.item_id,
        ItemKind(row.kind),
        None if row.person_id is None else PersonId(row.person_id),
        row.about,
        row.raised_by,
        row.due_at,
        row.outcome,
        row.closed_by,
        row.state,
    )
