"""Asking on a page as one practitioner about one person, and what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from lxml import html

from consent.circumstances import InvalidationReason
from schemas.vocabulary import Source
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.beginning import BeginPresence
from services.people.presence.model import WithWhom
from services.portal.app import create_app
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from tests.support.access.model import Answer, Case, Part, Person, Rule, Standing
from tests.support.access.world import AccessWorld, Known, nothing_kept, words_of
from tests.support.audit.watching import WATCHED
from tests.support.consents.issuing import AN_ISSUER
from tests.support.one_loop import client_of
from tests.support.portal.portal_forms import A_PERMIT

Fields = Mapping[str, str | Sequence[str]]
_NOBODYS = "0" * 32
_TYPED: Mapping[str, str] = {
    "scheme": "nhs-number",
    "date-of-birth-day": "3",
    "date-of-birth-month": "5",
    "date-of-birth-year": "2024",
}
_A_NO: Fields = {**A_PERMIT, "response": "refused", "basis": "consent"}
_TOLD: Fields = {"told-by": "Mum", "text": "We moved in spring"}
_HERE: Fields = {"with": "mother", "room": ["alone"]}
_WORDS: Fields = {"words": "Not home since noon", "reason": "child-missing", "why": "not-reached"}
_TO_HEALTH: Fields = {"keep-services": Source.HEALTH_VISITING.value}
_PURPOSES: Mapping[str, FormPurpose] = {
    "/sign-out": FormPurpose.SIGN_OUT,
    "/where-you-are-signed-in/others/end": FormPurpose.END_SESSION,
    "/where-you-are-signed-in/{session}/end": FormPurpose.END_SESSION,
    "{practitioner}/{session}/end": FormPurpose.END_SOMEBODYS_SESSION,
    "/change-account": FormPurpose.CHANGE_ACCOUNT,
    "/conditions-of-use": FormPurpose.ACCEPT_CONDITIONS,
    "/sign-in-again": FormPurpose.SIGN_IN_AGAIN,
    "/find-a-family": FormPurpose.FIND_FAMILY,
    "/audit/unusual/{hit}": FormPurpose.JUDGE_HIT,
    "/audit/reviews/{review}": FormPurpose.REVIEW_ACCESS,
    "/audit/family-questions/{item}": FormPurpose.ANSWER_FAMILY,
    "{person}/question": FormPurpose.ASK_GOVERNANCE,
    "/emergency": FormPurpose.EMERGENCY,
    "/ask-to-work-with": FormPurpose.ASK_TO_WORK_WITH,
    "/answer": FormPurpose.ANSWER_REQUEST,
    "/close": FormPurpose.CLOSE_FAMILY,
    "/here": FormPurpose.FAMILY_IS_HERE,
    "{presence}/sheet": FormPurpose.WRITE_SHEET,
    "{presence}/own-page": FormPurpose.OWN_PAGE,
    "{presence}/code": FormPurpose.CONFIRM_FAMILY,
    "{presence}/typed-code": FormPurpose.CONFIRM_FAMILY,
    "{presence}/request": FormPurpose.CONFIRM_FAMILY,
    "{asked}": FormPurpose.ANSWER_CONFIRMATION,
    "/orders/{order}": FormPurpose.ANSWER_ORDER,
    "emergency/{asked}": FormPurpose.STAND_FOR_EMERGENCY,
    "{told}/seen": FormPurpose.SEEN_EMERGENCY,
    "consent/new": FormPurpose.RECORD_DECISION,
    "{person}/decide": FormPurpose.RECORD_DECISION,
    "/protection/place": FormPurpose.PROTECT,
    "/protection/ask": FormPurpose.PROTECT,
    "/protection/answer": FormPurpose.PROTECT,
    "{person}/own-pages": FormPurpose.TAKE_OFF,
    "/who-must-not-see": FormPurpose.NAME_EXCLUDED,
    "/record-a-decision": FormPurpose.RECORD_DECISION,
    "{decision}/replace": FormPurpose.REPLACE_DECISION,
    "{decision}/withdraw": FormPurpose.WITHDRAW_DECISION,
    "{decision}/confirm": FormPurpose.CONFIRM_DECISION,
    "{decision}/end": FormPurpose.END_DECISION,
    "{decision}/invalidate": FormPurpose.INVALIDATE_DECISION,
    "{decision}/object": FormPurpose.OBJECT_TO_DECISION,
    "story/new": FormPurpose.ADD_STORY,
    "{entry}/confirm": FormPurpose.CONFIRM_STORY,
    "story/confirm": FormPurpose.CONFIRM_STORY,
    "{entry}/correct": FormPurpose.CORRECT_STORY,
    "{entry}/keep": FormPurpose.KEEP_STORY,
    "help/new": FormPurpose.WRITE_HELP,
    "help/{entry}": FormPurpose.WRITE_HELP,
    "step/new": FormPurpose.WRITE_STEP,
    "step/{entry}": FormPurpose.WRITE_STEP,
    "support/involved": FormPurpose.SAY_INVOLVED,
    "{review}/join": FormPurpose.JOIN_PEOPLE,
    "{review}/confirm": FormPurpose.CONFIRM_PEOPLE,
    "{review}/apart": FormPurpose.KEEP_PEOPLE_APART,
    "{review}/undo": FormPurpose.UNDO_JOIN,
    "{review}/ask-sources": FormPurpose.ASK_SOURCES,
    "{parked}/accept": FormPurpose.ACCEPT_PARKED,
    "{parked}/discard": FormPurpose.DISCARD_PARKED,
    "{parked}/ask-source": FormPurpose.ASK_ABOUT_PARKED,
    "{parked}/as-sent": FormPurpose.SHOW_AS_SENT,
    "/check-a-class-list": FormPurpose.CHECK_LIST,
    "/staff/add-agency": FormPurpose.ADD_AGENCY,
    "/staff/import": FormPurpose.IMPORT_STAFF,
    "{agency}/add": FormPurpose.CHANGE_STAFF,
    "{agency}/rota": FormPurpose.WRITE_COVER,
    "{cover}/close": FormPurpose.WRITE_COVER,
    "{practitioner}/change": FormPurpose.CHANGE_STAFF,
    "{practitioner}/join": FormPurpose.JOIN_SIGN_IN,
    "{practitioner}": FormPurpose.ACT_ON_STAFF,
    "/services-we-list/new": FormPurpose.WRITE_LISTED,
    "ask/{service}": FormPurpose.ASK_SERVICE,
    "services/find": FormPurpose.FIND_SERVICE,
    "{connection}/stop": FormPurpose.CHANGE_REQUEST,
    "{connection}/send": FormPurpose.CHANGE_REQUEST,
    "{service}": FormPurpose.WRITE_LISTED,
    "{service}/seen": FormPurpose.WRITE_LISTED,
    "we-list/waiting/{order}": FormPurpose.WRITE_LISTED,
    "{partner}/waiting/{order}": FormPurpose.REGISTER_PARTNER,
    "{partner}/register": FormPurpose.REGISTER_PARTNER,
    "{partner}/renew": FormPurpose.REGISTER_PARTNER,
    "{partner}/end": FormPurpose.REGISTER_PARTNER,
    "{order}/agree": FormPurpose.ANSWER_LIST,
    "{order}/decline": FormPurpose.ANSWER_LIST,
    "{use}/not-me": FormPurpose.DISOWN_USE,
    "/audit/name-a-family": FormPurpose.NAME_A_FAMILY,
    "/audit/exports/new": FormPurpose.MAKE_EXPORT,
}
_A_DAY = {"day": "3", "month": "12", "year": "2026", "time": "09:00"}
_SHIFT = {
    "covering": "f7" * 16,
    "covered": "f8" * 16,
    "kind": "cover",
    **{f"since-{part}": told for part, told in _A_DAY.items()},
    **{f"until-{part}": told for part, told in _A_DAY.items()},
}
_FILES = {"/check-a-class-list": {"list": ("list.csv", b"UPN\nT999200119011\n")}}
_FILLED_IN: Mapping[str, Fields] = {
    "services/find": {"words": "music"},
    "/emergency": _WORDS,
    "/audit/unusual/{hit}": {"said": "looking", "state": "1"},
    "/audit/reviews/{review}": {"said": "looking", "state": "1"},
    "/audit/family-questions/{item}": {"answer": "was-right", "state": "1"},
    "{person}/question": {"asks": "who-looked"},
    "/ask-to-work-with": _WORDS,
    "/answer": {"answer": "accept"},
    "/here": _HERE,
    "{presence}/sheet": {"story": "They said so"},
    "{presence}/typed-code": {"code": "000000"},
    "{presence}/request": {"way": "officer"},
    "{asked}": {"answer": "rang-back"},
    "/orders/{order}": {"answer": "confirm"},
    "/staff/add-agency": {"kind": "schools", "code": "9999999", "name": "A school"},
    "/staff/import": {"list": "agency,name,job_title,role\n"},
    "{agency}/rota": _SHIFT,
    "{practitioner}/change": {"role": "practitioner", "agency": "RY4"},
    "{practitioner}/join": {"code": "0000 0000 000"},
    "{practitioner}": {"act": "suspend"},
    "{parked}/accept": {"accept": "register-checked"},
    "{parked}/discard": {"discard": "sent-by-mistake"},
    "{parked}/as-sent": {"as-sent": "tell-source"},
    "consent/new": A_PERMIT,
    "{person}/decide": {"decided-by": "mother"},
    "/record-a-decision": A_PERMIT,
    "/protection/place": {"scope": "location"},
    "/protection/ask": {"restriction": _NOBODYS, "change": "lift"},
    "/protection/answer": {"order": _NOBODYS, "answer": "confirm"},
    "/who-must-not-see": {"worker": "Nobody Here"},
    "{decision}/replace": {**A_PERMIT, "purposes": ["direct-care"]},
    "{decision}/invalidate": {"reason": next(iter(InvalidationReason)).value},
    "{decision}/object": {"decided-by": "mother"},
    "story/new": {**_TOLD, "step": "save"},
    "{entry}/confirm": {"told-by": "Mum"},
    "story/confirm": {"told-by": "Mum"},
    "{entry}/correct": _TOLD,
    "{entry}/keep": _TO_HEALTH,
    "help/new": {"text": "Sleep", "state": "waiting"},
    "help/{entry}": {"text": "Sleep", "state": "done"},
    "step/new": {"text": "Ring them", "who": "Mum"},
    "step/{entry}": {"text": "Ring them", "who": "Mum", "state": "done"},
    "support/involved": {"telephone": "01632 960 401"},
    "/audit/name-a-family": {"page": "access", "worker": _NOBODYS},
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a door answered, and which parts of the person stand on it."""

    answer: Answer | None
    parts: frozenset[Part]


def parts_in(text: str, person: Person) -> frozenset[Part]:
    """Which parts of a person are on an answer, by their words."""
    return frozenset(part for part in Part if words_of(part, person) in text)


class Pages:
    """A browser for each practitioner of the world; nothing that is sent by it is kept."""

    def __init__(self, world: AccessWorld) -> None:
        self._world = world
        self._services = PortalOnDatabase(
            world.running.portal, demonstration=True, receipts=AN_ISSUER, watched=WATCHED
        )
        settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
        app = create_app(self._services, settings)
        self._http = client_of(app, follow_redirects=False)
        self._asset = _asset_on(self._http.get("/sign-in").text)
        self._secrets: dict[str, str] = {}
        self._presences: dict[tuple[str, str], str] = {}

    def ask(self, case: Case) -> Answered:
        """Send one request and say what came back."""
        who = self._world.practitioners[case.role, case.standing]
        known = self._world.people[case.person]
        method, _, place = case.door.name.partition(" ")
        path, _, way = place.partition(" (")
        address = self._address(path, way, who, known)
        secret = self._secret(who)
        headers = {"Cookie": f"tell-once={secret}"}
        with nothing_kept(self._world.running.portal):
            if method == "GET":
                response = self._http.get(address, headers=headers)
            else:
                fields = self._form(path, way, secret, known)
                fields |= {"person": who.id} if path == "/sign-in" else {}
                file = _FILES.get(path)
                response = self._http.post(address, headers=headers, data=fields, files=file)
        parts = parts_in(response.text, case.person)
        return Answered(_page_answer(case, known, response), parts)

    def _address(self, path: str, way: str, who: SignedInPractitioner, known: Known) -> str:
        presence = ""
        if "{presence}" in path:
            another = self._world.practitioners[who.role, Standing.STRANGER]
            other = self._world.practitioners[who.role, Standing.CASE_LOAD]
            foreign = other if another.id == who.id else another
            presence = self._presence(foreign if way else who, known)
        return path.format(
            person=known.id,
            decision=known.decision,
            entry=known.entry,
            outcome="recorded?proof=0",
            presence=presence,
            review=_NOBODYS,
            hit=_NOBODYS,
            item=_NOBODYS,
            order=_NOBODYS,
            parked=_NOBODYS,
            wanted=_NOBODYS,
            asked=_NOBODYS,
            told=_NOBODYS,
            use=_NOBODYS,
            session=_NOBODYS,
            service=_NOBODYS,
            partner="nobody",
            connection=_NOBODYS,
            agency=_NOBODYS,
            cover=_NOBODYS,
            practitioner=_NOBODYS,
            provider="nobody",
            digest=self._asset[0],
            name=self._asset[1],
        )

    def _form(self, path: str, way: str, secret: str, known: Known) -> dict[str, Any]:
        session = self._services.session(secret)
        assert session is not None, "whoever signed in has a session"
        purpose = _by_ending(_PURPOSES, path)
        token = {} if purpose is None else {TOKEN_FIELD: form_token(session.csrf_secret, purpose)}
        fields = _A_NO if way == "a no)" else _by_ending(_FILLED_IN, path) or {}
        return {**token, **_TYPED, "identifier": known.number, "entry": known.entry, **fields}

    def _secret(self, who: SignedInPractitioner) -> str:
        if who.id not in self._secrets:
            secret = self._services.sign_in(who.id)
            assert secret is not None, "everybody here may sign in"
            self._secrets[who.id] = secret
        return self._secrets[who.id]

    def _presence(self, who: SignedInPractitioner, known: Known) -> str:
        key = who.id, known.id
        if key not in self._presences:
            order = BeginPresence(known.id, WithWhom.MOTHER, frozenset())
            self._presences[key] = self._services.here.begin(who, order)
        return self._presences[key]


def _asset_on(page: str) -> tuple[str, str]:
    """The address of a style sheet: by the digest of it and by its name."""
    found = html.document_fromstring(page).xpath("//link[@rel='stylesheet']/@href")
    _, _, digest, name = str(found[0]).split("/", 3)
    return digest, name


_Found = Any


def _by_ending(table: Mapping[str, _Found], path: str) -> _Found:
    """What belongs to a path, by how it ends; the longest ending counts."""
    endings = sorted((e for e in table if path.endswith(e)), key=len)
    return table[endings[-1]] if endings else None


_HEADINGS = {
    "You cannot see this page": Answer.REFUSAL,
    "Nothing is shared with you": Answer.NOTHING,
    "Nothing was written down": Answer.NOTHING,
    "Your role does not open this page": Answer.ROLE,
    "You are not signed in": Answer.NOT_SIGNED_IN,
    "Page not found": Answer.NOT_FOUND,
    "This decision cannot be changed like that": Answer.CHANGED,
}
_OPEN = (200, 422, 503)


def _page_answer(case: Case, known: Known, response: httpx2.Response) -> Answer | None:
    location = response.headers.get("location", "")
    if response.status_code == 303:
        return _sent_on(case, location)
    if case.door.rule is Rule.HOME and response.status_code == 200:
        is_listed = f"/families/{known.id}" in response.text
        return Answer.LISTED if is_listed else Answer.NOT_LISTED
    if response.status_code in _OPEN:
        return case.door.answers if _is_as_asked(case, response) else None
    if response.headers["content-type"] == "application/json":
        return Answer.NOT_SIGNED_IN
    headings = html.document_fromstring(response.text).xpath("//h1")
    return _HEADINGS.get(" ".join(headings[0].text_content().split())) if headings else None


def _is_as_asked(case: Case, response: httpx2.Response) -> bool:
    """A form that comes back with errors is no answer, but where any code is wrong."""
    is_again = response.status_code == 422
    ends = ("/typed-code", "/change-account", "/audit/exports/new")
    return not is_again or case.door.name.endswith(ends)


def _sent_on(case: Case, location: str) -> Answer:
    if location.endswith("/taken"):
        return Answer.TAKEN
    is_own = case.door.rule is Rule.HOME or "{asked}" in case.door.name
    return Answer.ELSEWHERE if is_own else Answer.DONE
