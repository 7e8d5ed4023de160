"""Who has looked tells nobody where somebody is who may not know it."""

from collections.abc import Sequence

import pytest

from consent.decisions.restrictions import place_restriction
from consent.model import RestrictionScope
from schemas.identifiers import PractitionerId
from schemas.records.payloads import Involvement
from schemas.vocabulary import Category, Purpose, Source
from services.portal.services import PortalOnDatabase
from services.profile.model import ProfileRefused
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child

pytestmark = pytest.mark.postgres


def test_agencies_are_not_named_to_who_may_not_know_where_the_child_is(outside: Outside):
    """The trust that looks tells the town; their own looks they may see, and no gap."""
    with InProcess.running(outside) as running:
        (child,) = running.decide(the_child()).decision.subjects
        pages = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
        school = Involvement("School", agency_code=SCHOOL)
        running.receive(a_message("m1", a_record("w", A_VISITOR, Category.PRACTITIONERS)))
        enrolled = a_record("s", school, Category.EDUCATION)
        running.receive(a_message("m2", enrolled, source=Source.SCHOOLS))
        running.settle()
        people = {one.id: one for one in pages.demonstration_people()}

        def look_and_list(practitioner: PractitionerId) -> Sequence[str]:
            pages.read_profile(people[practitioner], child, Purpose.DIRECT_CARE)
            found = pages.who_has_looked(people[practitioner], child)
            assert not isinstance(found, ProfileRefused), found
            return sorted(look.agency_name for look in found)

        before = [look_and_list(VISITOR), look_and_list(TEACHER)]
        with unit_of_work(running.portal) as work:
            place_restriction(
                child,
                RestrictionScope.LOCATION,
                [VISITOR],
                actor="job:test",
                deciding=work.deciding(),
            )
        after = [look_and_list(VISITOR), look_and_list(TEACHER)]

    assert before == [["Trust"], ["School", "Trust"]]
    assert after == [["School", "Trust", "Trust"], ["School", "School"]]
