"""For whom partners may ask: what everything behind their interfaces keeps of it."""

from datetime import datetime

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose
from services.interfaces.partners.acting import ActingFor
from services.interfaces.partners.ports import Credentials, PartnerId, Scope
from tests.contract.partner_work_contract import MINUTE, PartnerWorkContract, PartnerWorld
from tests.support.builders import TEACHER, VISITOR
from tests.support.partners import a_partner

EHR = PartnerId("northfield-ehr")
MANAGER = PractitionerId("b7" * 16)


class PartnerActingContract(PartnerWorkContract):
    """Added to what partners may otherwise do."""

    def test_a_token_names_its_practitioner_while_the_partner_may_speak_for_them(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Of one of its agencies, by either id; and by the token as long as that is so."""
        world.enter(Credentials(a_partner(EHR, agencies=frozenset({"A1"}))))
        world.employ(VISITOR, "A1", "HV-1")
        world.employ(TEACHER, "A2", "T-1")
        acting = ActingFor(VISITOR, Purpose.DIRECT_CARE)
        with world.open_work() as work:
            find = work.practitioners.find
            found = [find(name, ["A1"]) for name in (VISITOR, "HV-1", TEACHER, "T-1", "nobody")]
            work.tokens.save(b"h", EHR, [Scope.FAMILIES_READ], until=now + MINUTE, acting=acting)
            caller = work.tokens.caller(b"h", at=now)

        world.employ(VISITOR, "A2", "HV-1")
        with world.open_work() as work:
            later = work.tokens.caller(b"h", at=now)

        assert found == [VISITOR, VISITOR, None, None, None]
        assert caller is not None
        assert later is not None
        assert (caller.acting, later.acting) == (acting, None)

    def test_two_of_one_name_are_nobody_and_so_is_who_opens_no_records(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """An agency's own ids may be given twice."""
        del now
        world.employ(VISITOR, "A1", "W-1")
        world.employ(TEACHER, "A2", "W-1")
        world.employ(MANAGER, "A1", "M-1", opens_records=False)

        with world.open_work() as work:
            find = work.practitioners.find
            assert find("W-1", ["A1"]) == VISITOR
            assert find("W-1", ["A1", "A2"]) is None
            assert find("M-1", ["A1"]) is None
            assert find(VISITOR, []) is None
