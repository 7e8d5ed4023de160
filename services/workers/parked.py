"""What is done about parked messages without anybody's command.

One that two people have accepted is read again, by the connectors' own process: the portal can
write down that it was accepted, and publishes nothing. Of one that cannot wait governance is told.
"""

from services.intake.parked.model import ParkedState
from services.intake.parked.postgres import ParkedMessages
from services.people.governance.queue import ItemKind, raise_item
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.replaying import replay

_ACTOR = "job:connectors"


def look_after_parked(outside: Outside) -> int:
    """Read again what was accepted, and tell governance of what is urgent; gives how many."""
    key = outside.vault.secret(SecretName.PARKED)
    with unit_of_work(outside) as work:
        messages = ParkedMessages(work.connection, key)
        accepted = [message.id for message in messages.list(states=[ParkedState.ACCEPTED])]
        urgent = messages.to_be_told(at=work.now)
        for message in urgent:
            raise_item(
                ItemKind.PARKED_URGENT,
                message.id,
                by=_ACTOR,
                queue=work.queue,
                ledger=work.ledger,
                at=work.now,
            )
    if accepted:
        replay(accepted, outside=outside, key=key, accepts=True)
    return len(accepted) + len(urgent)
