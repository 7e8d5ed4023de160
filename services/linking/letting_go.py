"""Facts that nobody may keep are forgotten, by the same `decide` that let them in. Pure."""

from collections.abc import Collection

from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.linking.ports import ACTOR, Considering
from services.linking.usable import usable


def forget_what_may_not_be_kept(
    person: PersonId, alike: Collection[PersonId], *, considering: Considering
) -> None:
    """Forget what was told of a person by sources that no decision lets share identities.

    About whom nothing is on record what they are compared by is kept for as long as there is
    somebody alike whose decisions permit its source.
    """
    now = considering.clock.now()
    allowed = usable([person, *alike], considering.clusters, considering.decisions, now)
    keeping = allowed[person].permitted
    if allowed[person].is_held:
        keeping = frozenset[Source]().union(*(allowed[other].permitted for other in alike))
    for member in considering.clusters.members([person])[person]:
        claims = considering.facts.claims([member]).get(member, ())
        forgotten = {claim.source for claim in claims} - keeping
        for source in forgotten:
            considering.facts.forget([member], source)
        if forgotten:
            fields = {"person": member, "sources": forgotten}
            entry = ledger_entry(LedgerEvent.LINK_FACTS_FORGOTTEN, fields, at=now, actor=ACTOR)
            considering.ledger.append([entry])
