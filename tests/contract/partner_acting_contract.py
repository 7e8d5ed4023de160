"""For whom partners may ask: what everything behind their interfaces keeps of it."""

from datetime import datetime

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role
from services.interfaces.partners.acting import ActingFor, OpenedAccount
from services.interfaces.partners.ports import Credentials, KnownAs, PartnerId, Scope
from services.people.signing_in.demonstration import DEMONSTRATION
from tests.contract.partner_work_contract import MINUTE, PartnerWorkContract, PartnerWorld
from tests.support.builders import TEACHER, VISITOR
from tests.support.partners import a_partner

EHR = PartnerId("northfield-ehr")
OTHER_EHR = PartnerId("westfield-ehr")
CARDS = "https://cards.example"
MANAGER = PractitionerId("b7" * 16)


class PartnerActingContract(PartnerWorkContract):
    """Added to what partners may otherwise do."""

    def test_a_token_names_its_practitioner_while_the_partner_may_speak_for_them(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """As long as they are of one of its agencies."""
        world.enter(Credentials(a_partner(EHR, agencies=frozenset({"A1"}))))
        world.employ(VISITOR, "A1")
        acting = ActingFor(VISITOR, Purpose.DIRECT_CARE, "c1" * 16)
        with world.open_work() as work:
            work.tokens.save(b"h", EHR, [Scope.FAMILIES_READ], until=now + MINUTE, acting=acting)
            caller = work.tokens.caller(b"h", at=now)

        world.employ(VISITOR, "A2")
        with world.open_work() as work:
            later = work.tokens.caller(b"h", at=now)

        assert caller is not None
        assert later is not None
        assert (caller.acting, later.acting) == (acting, None)

    def test_a_sign_in_opens_the_accounts_that_it_is_joined_to(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Each with where they work now and as what; whether they open records is not asked."""
        del now
        world.employ(VISITOR, "A1")
        world.employ(TEACHER, "A2")
        world.employ(MANAGER, "A1", Role.SERVICE_MANAGER)
        for who in (VISITOR, TEACHER):
            world.join(CARDS, "s-1", who)
        world.join(CARDS, "s-2", MANAGER)
        world.employ(TEACHER, "A3", Role.LEAD_PRACTITIONER)

        with world.open_work() as work:
            opened = work.practitioners.opened_by
            several, one = opened(CARDS, "s-1"), opened(CARDS, "s-2")
            nobody = [opened(CARDS, "s-3"), opened("https://other.example", "s-1")]
            nobody.append(opened(DEMONSTRATION, TEACHER))

        assert set(several) == {
            OpenedAccount(VISITOR, "A1", Role.PRACTITIONER),
            OpenedAccount(TEACHER, "A3", Role.LEAD_PRACTITIONER),
        }
        assert one == [OpenedAccount(MANAGER, "A1", Role.SERVICE_MANAGER)]
        assert nobody == [[], [], []]

    def test_a_partner_is_known_as_the_clients_that_were_named_for_it(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """By issuer; another partner's are its own."""
        del now
        for partner in (EHR, OTHER_EHR):
            world.enter(Credentials(a_partner(partner, agencies=frozenset({"A1"}))))
        world.know_as(EHR, KnownAs(CARDS, "ehr"))
        world.know_as(EHR, KnownAs(CARDS, "ehr-test"))
        world.know_as(OTHER_EHR, KnownAs(CARDS, "other"))

        with world.open_work() as work:
            ours, theirs = work.credentials.known_as(EHR), work.credentials.known_as(OTHER_EHR)

        assert {issuer: set(clients) for issuer, clients in ours.items()} == {
            CARDS: {"ehr", "ehr-test"}
        }
        assert {issuer: set(clients) for issuer, clients in theirs.items()} == {CARDS: {"other"}}
