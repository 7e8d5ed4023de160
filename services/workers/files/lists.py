"""What data stewards agreed to: who is to leave the lists of schools, done by the connectors."""

from schemas.vocabulary import Source
from services.intake.lists.closing import KIND, ListClosed, carry_out_agreed
from services.people.governance.orders import OrderStatus
from services.work import Outside, unit_of_work


def carry_out_lists(outside: Outside) -> list[ListClosed]:
    """Take off their lists all to whom a data steward agreed; each question by itself."""
    with unit_of_work(outside) as work:
        agreed = [o.id for o in work.orders.of_kinds(KIND) if o.status is OrderStatus.CONFIRMED]
    done = []
    for order_id in agreed:
        with unit_of_work(outside) as work:
            order = work.orders.find(order_id)
            if order is not None and order.status is OrderStatus.CONFIRMED:
                told = order.document
                closing = work.closing_lists(Source(told["source"]), feed=told["feed"])
                done.append(carry_out_agreed(order, closing=closing))
    return done
