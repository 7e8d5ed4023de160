"""Why one access was allowed or refused: decided once more, and said as an auditor would."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.uk_time import uk_day
from services.audit.asked import NotForThem
from services.audit.explain.explaining import Explanation
from services.audit.explain.postgres_explaining import Explained, explain
from services.audit.exports.chosen import Format
from services.audit.postgres_answers import Auditing
from services.portal.audit import addresses
from services.portal.audit.access.words_explain import explanation_in_words
from services.portal.audit.filters import worker_in_address
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words import family_links
from services.portal.frame.visit import CurrentVisit
from services.work.postgres_past import looking_back

router = audit_router()
WaysOn = tuple[tuple[str, str], ...]
"""Where to go from here: what is there, and its address."""


@router.get(f"{addresses.EXPLAIN}/{{entry}}")
def show_explanation(visit: CurrentVisit, entry: addresses.LedgerEntryInPath) -> Response:
    """Explain the access of this entry; that it was asked is entered, also where there is none."""

    def ask(auditing: Auditing) -> Explained | NotForThem:
        with looking_back(auditing.work.outside) as past:
            return explain(entry, auditing, past)

    answer = answered(visit, ask)
    if answer.explanation is None:
        raise HTTPException(404)
    told = answer.explanation
    return show_audit(
        visit,
        "explain.html",
        AuditSection.ACCESS,
        is_below=True,
        entered=answer.entered,
        told=explanation_in_words(told),
        families=family_links(told.access.persons),
        ways_on=_ways_on(told),
    )


def _ways_on(told: Explanation) -> WaysOn:
    day, worker = uk_day(told.access.at).isoformat(), worker_in_address(told.access.actor)
    name = told.worker.name
    that_day = {"worker": worker, "from": day, "to": day}
    ways = [(f"Everything {name} did that day", addresses.with_query(addresses.ACCESS, that_day))]
    if told.access.persons:
        family = told.access.persons[0]
        could = {"family": family, "worker": worker, "day": day}
        looks, case = {"family": family}, {"family": family, "format": Format.CASE.value}
        ways += [
            (f"What {name} could see that day", addresses.with_query(addresses.COULD_SEE, could)),
            ("Everybody who looked at this family", addresses.with_query(addresses.LOOKS, looks)),
            ("Take it away as a case", addresses.with_query(addresses.NEW_EXPORT, case)),
        ]
    proof = f"{addresses.INTEGRITY}/proof/{told.access.entry}"
    return (*ways, ("Proof that it is in the ledger", proof))
