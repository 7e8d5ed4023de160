"""How fast a no works: the same whether the index has taken in all, some or none of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from services.audit.asked import Auditor
from services.audit.figures.postgres_timings import MOST, timings_between
from services.audit.figures.timings import Timings, Withdrawn, timings_of
from services.audit.index.postgres_catching_up import catch_up
from services.audit.postgres_answers import Auditing
from services.ledger.postgres_tree import integrate
from services.work import Outside, unit_of_work
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess
from tests.support.ledger.ledger_builders import SIGNER

pytestmark = pytest.mark.postgres

_PERSONS = [f"c{n}" * 16 for n in range(4)]
_DECISIONS = [f"d{n}" * 16 for n in range(6)]
_READ = {"purpose": "direct-care", "policy_version": "rules+agreed"}
_SINCE, _UNTIL = NOW + timedelta(minutes=10), NOW + timedelta(minutes=80)


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on an empty database."""
    with InProcess.running(outside) as found:
        yield found


def _entry(random: Random, minute: int) -> LedgerEntry:
    """A withdrawal, a purge, a look that rests on a decision or is refused: three at a time."""
    persons = sorted(random.sample(_PERSONS, random.randint(1, 2)))
    decision = random.choice(_DECISIONS)
    about = {"decision": decision, "subjects": persons}
    seen = {"disclosure": "e0" * 16, "categories": ["education"], "withheld_categories": []}
    said = {
        LedgerEvent.SHARING_DECISION_WITHDRAWN: about,
        LedgerEvent.PROFILE_PURGED: {**about, "records": 1},
        LedgerEvent.PROFILE_READ: {
            **_READ,
            **seen,
            "subjects": persons,
            "decided_from": [decision],
        },
        LedgerEvent.PROFILE_READ_REFUSED: {**_READ, "subjects": persons, "reasons": ["refused"]},
    }
    event = random.choice(list(said))
    at = NOW + timedelta(minutes=minute // 3)
    return ledger_entry(event, said[event], at=at, actor=f"practitioner:{'b0' * 16}")


def _expected(entries: Sequence[LedgerEntry]) -> Timings:
    """By looking through all that came after, in the order of times and of writing."""
    told = []
    for number, one in enumerate(entries):
        if one.event is not LedgerEvent.SHARING_DECISION_WITHDRAWN:
            continue
        if not _SINCE <= one.at < _UNTIL:
            continue
        decision, persons = str(one.fields["decision"]), set(one.fields["subjects"])  # type: ignore[arg-type] # names
        later = entries[number + 1 :]
        looks = [e for e in later if e.event.startswith("profile:read")]
        looked = next((e for e in looks if persons & set(e.fields["subjects"])), None)  # type: ignore[arg-type] # names
        purges = [e for e in later if e.event is LedgerEvent.PROFILE_PURGED]
        purged = next((e for e in purges if e.fields["decision"] == decision), None)
        through = looked is not None and decision in looked.fields.get("decided_from", ())  # type: ignore[operator] # names
        withdrawn = Withdrawn(decision, one.at, still_let_through=through)
        looked_at, purged_at = (None if e is None else e.at for e in (looked, purged))
        told.append(replace(withdrawn, looked_at=looked_at, purged_at=purged_at))
    return timings_of(told[::-1])


def _told(running: InProcess, most: int = MOST) -> tuple[Timings, bool]:
    with unit_of_work(running.portal) as work:
        auditing = Auditing(work, Auditor("operator:test"))
        return timings_between(_SINCE, _UNTIL, auditing, most=most)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_told_from_the_index_and_from_what_is_newer(running: InProcess, seed: int) -> None:
    """As looking through every entry tells it; only the latest where there are too many."""
    random = Random(seed)
    entries = [_entry(random, minute) for minute in range(240)]
    expected = _expected(entries)

    for lot in (entries[:80], entries[80:160], entries[160:]):
        with unit_of_work(running.portal) as work:
            work.ledger.append(lot)
        if lot is not entries[160:]:
            with unit_of_work(running.relay) as work:
                integrate(work.connection, signer=SIGNER)
        catch_up(running.outside.engine, batches=1)

    half = _told(running)
    with unit_of_work(running.relay) as work:
        integrate(work.connection, signer=SIGNER)
    catch_up(running.outside.engine)
    whole = _told(running)
    latest, is_cut = _told(running, most=5)

    assert expected.withdrawals > 20
    assert expected.still_let_through
    assert expected.to_purge.number > 0
    assert half == whole == (expected, False)
    assert (latest.withdrawals, is_cut) == (5, True)
