"""Reports for copies that people asked for on pages of their own: to whom, and laid ready there.

To whom one is given is not the officers' to say: to the person themselves, or to a parent, by who
asked. It is laid ready for whoever asked, and for nobody else, sealed under whom it is about.
"""

from collections.abc import Callable

from schemas.identifiers import PersonId
from services.interfaces.subject_access.held import GivenTo, SubjectAccess
from services.interfaces.subject_access.ordering import AskReport
from services.people.family_access.keeping.copies import lay_ready
from services.people.family_access.keeping.postgres_copies import FamilyCopy, PostgresFamilyCopies
from services.people.governance.orders import Order
from services.people.presence.model import WithWhom
from services.platform.keys.sealing import JweSealer
from services.work import UnitOfWork

_COPY = "copy"


def asked_on_page(
    copy_id: str, person: PersonId, parent: WithWhom | None, *, work: UnitOfWork
) -> AskReport | None:
    """The order for a copy that somebody waits for; None where nobody does, or of somebody else."""
    copy = _waiting(copy_id, work)
    if copy is None or not _are_one(copy.about, person, work):
        return None
    is_own = _are_one(copy.about, copy.asker, work)
    if not is_own and parent is None:
        return None
    given_to = GivenTo.PERSON if is_own else GivenTo.PARENT
    return AskReport(person, given_to, None if is_own else parent, copy_id)


def lay_on_page(
    order: Order,
    made: SubjectAccess,
    *,
    by: str,
    page: Callable[[SubjectAccess], str],
    work: UnitOfWork,
) -> bool:
    """Lay what was made ready where it was asked for on a page; whether it was."""
    copy_id = order.document.get(_COPY)
    copies = PostgresFamilyCopies(work.connection)
    copy = None if copy_id is None else copies.find(copy_id)
    if copy is None or not _are_one(copy.about, made.person, work):
        return False
    sealer = JweSealer(work.keys.data_key)
    written, door = page(made).encode(), work.family_door()
    lay_ready(copy, written, order=order.id, by=by, door=door, copies=copies, sealer=sealer)
    return True


def _waiting(copy_id: str, work: UnitOfWork) -> FamilyCopy | None:
    found = PostgresFamilyCopies(work.connection).find(copy_id)
    return found if found is not None and found.is_waiting(work.now) else None


def _are_one(one: PersonId, other: PersonId, work: UnitOfWork) -> bool:
    return other in work.clusters.all_of([one])
