"""Whoever something new is known of is compared with whoever they may be, one after the other."""

from services.adapters.link_queue import PostgresLinkQueue
from services.adapters.linking_work import considering
from services.adapters.unit_of_work import Outside, unit_of_work
from services.linking.considering import consider

# Between two looks at what else there is to do.
_MOST = 50


def consider_links(outside: Outside, *, most: int = _MOST) -> int:
    """Compare those who wait, each in a short transaction of its own; gives how many.

    Only one process does it at a time: the others find nothing to do. What a join changes is
    announced, so whoever it makes worth comparing again comes into the list again.
    """
    done = 0
    while done < most and _consider_next(outside):
        done += 1
    return done


def _consider_next(outside: Outside) -> bool:
    with unit_of_work(outside) as work:
        taken = PostgresLinkQueue(work.connection).take(1)
        for person in taken:
            consider(person, considering=considering(work, outside))
    return bool(taken)
