"""Pages of an agency's rota: a third person writes who stands in for whom, and closes it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import to_uk_time
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import AGENCY, SCHOOL, InProcess
from tests.support.messages.source_messages import the_child
from tests.support.people.office import Office, an_office
from tests.support.people.relating import a_colleague, relate

pytestmark = pytest.mark.postgres
ROTA = f"/staff/agencies/{AGENCY}/rota"
_HOUR = timedelta(hours=1)


@pytest.fixture
def office(outside: Outside, clock: StandingClock) -> Iterator[Office]:
    """Give a trust with a lead and an administrator."""
    with InProcess.running(outside) as running:
        yield an_office(running, clock)


def _a_shift(
    office: Office, covering: PractitionerId, covered: PractitionerId = VISITOR, hours: int = 8
) -> Mapping[str, str]:
    """A form for a shift that begins now."""
    begins = to_uk_time(office.running.outside.clock.now())
    form = {"covering": covering, "covered": covered, "kind": "cover"}
    for name, moment in (("since", begins), ("until", begins + hours * _HOUR)):
        form |= {f"{name}-{part}": str(getattr(moment, part)) for part in ("day", "month", "year")}
        form[f"{name}-time"] = f"{moment:%H:%M}"
    return form


def _a_case(office: Office) -> tuple[PersonId, PractitionerId]:
    """A child of the visitor's case-load, and a colleague without it."""
    with unit_of_work(office.running.outside) as work:
        child = work.persons.resolve_or_create(the_child(), at=work.now)
        relate(work, VISITOR, child, RelationshipGround.CASE_LOAD)
        return child, a_colleague(work, AGENCY, name="Dan Hall")


def test_a_lead_writes_a_shift_and_closes_it(office: Office) -> None:
    """Who stands in has the bar without a button; closed twice the shift is over once."""
    child, colleague = _a_case(office)
    lead, standing_in = office.browser(office.lead), office.browser(colleague)
    family = f"/families/{child}/consent"
    before = standing_in.http.get(family).text

    written = lead.send_and_follow(ROTA, ROTA, _a_shift(office, colleague))
    during = standing_in.http.get(family).text
    (close,) = [f.action for f in written.tree.forms if (f.action or "").endswith("/close")]
    closed = lead.send_and_follow(ROTA, close, {})
    again = lead.http.post(close, data={"csrf": written.token_of(ROTA)})

    assert "Dan Hall stands in for" in written.text
    assert "Written by Lena Ashby" in written.text
    assert "You are on a rota for a colleague. Ends at" not in before
    assert "You are on a rota for a colleague. Ends at" in during
    assert "Close now" not in during
    assert "The shift has ended" in closed.text
    assert again.headers["location"].endswith("done=over")
    assert len(office.running.ledger(LedgerEvent.COVER_WRITTEN)) == 2


def test_nobody_writes_a_shift_of_their_own_or_elsewhere(office: Office) -> None:
    """What was typed stays, beside what is wrong; another agency has no rota for a lead."""
    _, colleague = _a_case(office)
    lead = office.browser(office.lead)

    own = lead.send(ROTA, ROTA, _a_shift(office, office.lead))
    of_mine = lead.send(ROTA, ROTA, _a_shift(office, colleague, covered=office.lead))
    too_long = lead.send(ROTA, ROTA, _a_shift(office, colleague, hours=24 * 15))
    unclear = lead.send(ROTA, ROTA, {**_a_shift(office, colleague), "until-time": "25:00"})
    stranger = lead.send(ROTA, ROTA, _a_shift(office, PractitionerId("0" * 32)))
    elsewhere = lead.get(f"/staff/agencies/{SCHOOL}/rota", status=404)
    token = lead.get(ROTA).token_of(ROTA)
    forced = lead.http.post(
        f"/staff/agencies/{SCHOOL}/rota", data={"csrf": token, **_a_shift(office, colleague)}
    )

    assert own.errors == of_mine.errors != []
    assert "within 14 days" in too_long.errors[0]
    assert too_long.tree.get_element_by_id("covering").value == colleague
    assert unclear.errors == ["Enter the time at which it ends, such as 17:30"]
    assert "work in this agency" in stranger.errors[0]
    assert elsewhere.heading == "Page not found"
    assert forced.status_code == 404
    assert not office.running.ledger(LedgerEvent.COVER_WRITTEN)
    assert len(office.running.ledger(LedgerEvent.RELATIONSHIP_REFUSED)) == 4
