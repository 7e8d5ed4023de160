"""Whether a decision's id is anybody's is told to nobody who may not know of the decision."""

import re
import time
from collections.abc import Mapping

import pytest

from consent.circumstances import InvalidationReason
from consent.model import RelationshipGround
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from services.platform.ticks import TICK
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.portal.words.people import record_reference
from services.work import unit_of_work
from tests.support.builders import VISITOR
from tests.support.consents.issuing import AN_ISSUER
from tests.support.people.alone_world import STRANGER, AloneWorld
from tests.support.people.relating import relate
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_forms import A_PERMIT
from tests.support.rolled_back import RolledBack, rolled_back

pytestmark = pytest.mark.postgres

_NOBODYS = DecisionId("9c" * 16)
_OWN_TO_EACH = re.compile(r'nonce="[^"]+"|value="[^"]{40,}"', re.ASCII)
_REASON = next(iter(InvalidationReason)).value
_POSTS: Mapping[str, tuple[FormPurpose, Form]] = {
    "withdraw": (FormPurpose.WITHDRAW_DECISION, {}),
    "object": (FormPurpose.OBJECT_TO_DECISION, {"decided-by": "mother"}),
    "end": (FormPurpose.END_DECISION, {}),
    "confirm": (FormPurpose.CONFIRM_DECISION, {}),
    "invalidate": (FormPurpose.INVALIDATE_DECISION, {"reason": _REASON}),
    "replace": (FormPurpose.REPLACE_DECISION, {**A_PERMIT}),
}
_GETS = ("", "/receipt", "/receipt-file", *(f"/{act}" for act in _POSTS))
_TAKEN = ("withdraw", "object")
Answer = tuple[int, str, str]


class _Asking:
    """Somebody at the pages of one person's decisions; what is sent is rolled back in the end."""

    def __init__(
        self,
        acting: RolledBack,
        who: PractitionerId,
        person: PersonId,
        ground: RelationshipGround | None,
    ) -> None:
        if ground is not None:
            with unit_of_work(acting.portal) as work:
                relate(work, who, person, ground)
        services = PortalOnDatabase(acting.portal, demonstration=True, receipts=AN_ISSUER)
        app = create_app(services, PortalSettings("Exbury Council", "demonstration"))
        client = PageClient(app, "https://testserver", at_ticks=True)
        client.sign_in(who)
        session = services.session(next(iter(client.http.cookies.values())))
        assert session is not None
        self._http, self._secret, self._person = client.http, session.csrf_secret, person

    def answered(self, act: str, decision: DecisionId) -> Answer:
        """What one POST, or where `act` begins with a stroke one GET, is answered."""
        address, began = f"/families/{self._person}/consent/{decision}", time.monotonic()
        if act in _POSTS:
            purpose, form = _POSTS[act]
            data = {**form, TOKEN_FIELD: form_token(self._secret, purpose)}
            response = self._http.post(f"{address}/{act}", data=data)
        else:
            response = self._http.get(address + act)
        took = time.monotonic() - began
        assert act not in _TAKEN or took >= TICK, "what is taken without a word leaves at a tick"
        told = [str(response.headers.get("location", "")), response.text]
        for one in (decision, record_reference(decision)):
            told = [text.replace(one, "DECISION") for text in told]
        return response.status_code, told[0], _OWN_TO_EACH.sub("", told[1])


@pytest.mark.parametrize(
    "ground", [None, RelationshipGround.OWN, RelationshipGround.EMERGENCY], ids=str
)
def test_who_may_not_know_of_decisions_is_not_told_whether_there_is_one(
    alone: AloneWorld, ground: RelationshipGround | None
):
    """Agreed, refused, withdrawn before, nobody's: the same bytes, on pages and in answers."""
    known = (alone.decisions[-5], alone.decisions[-2], alone.decisions[0])
    with rolled_back(alone.running.outside) as acting:
        asking = _Asking(acting, STRANGER, alone.child, ground)
        answers = {
            act: {asking.answered(act, decision) for decision in (_NOBODYS, *known)}
            for act in (*_GETS, *_POSTS)
        }

    assert [act for act, found in answers.items() if len(found) > 1] == []


def test_ids_of_others_are_nobodys_to_who_works_with_a_family(alone: AloneWorld):
    """A decision about the mother alone, asked about from the father's page."""
    with rolled_back(alone.running.outside) as acting:
        asking = _Asking(acting, VISITOR, alone.father, RelationshipGround.CASE_LOAD)
        of_others = (_NOBODYS, alone.decisions[-4])
        answers = {
            act: {asking.answered(act, decision) for decision in of_others}
            for act in (*_GETS, *_POSTS)
        }

    assert [act for act, found in answers.items() if len(found) > 1] == []
