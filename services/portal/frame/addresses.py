"""The addresses of the pages. Only opaque ids and codes go into them."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path
from starlette.requests import Request

from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.vocabulary import Purpose

SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
HOME = "/"
FIND_A_FAMILY = "/find-a-family"
RECORD_A_DECISION = "/record-a-decision"
WHO_MUST_NOT_SEE = "/who-must-not-see"
DUE_FOR_REVIEW = "/due-for-review"
WHO_MAY_BE_ONE = "/who-may-be-one"
PARKED = "/could-not-be-read"
SCHOOL_LISTS = "/school-lists"
CHECK_A_LIST = "/check-a-class-list"
EMERGENCY = "/emergency"
ASK_TO_WORK_WITH = "/ask-to-work-with"
HERE = "/here"
OFFICER = "/officer"
COLLEAGUES = "/colleagues"
ORDERS = "/orders"
USES_OF_MY_NAME = "/uses-of-my-name"
TOKEN_FOR_A_PARTNER = "/token-for-a-partner"  # noqa: S105 an address
SIGN_IN_BEGIN = "/sign-in/begin"
SIGN_IN_BACK = "/sign-in/back"
SIGN_IN_ACCOUNT = "/sign-in/account"
SIGN_IN_LOGOUT = "/sign-in/logout"
SIGN_IN_AGAIN = "/sign-in-again"
SIGNED_IN_AT = "/where-you-are-signed-in"
WHO_IS_SIGNED_IN = "/who-is-signed-in"
CHANGE_ACCOUNT = "/change-account"
CONDITIONS = "/conditions-of-use"
STAFF = "/staff"

_OPAQUE = r"^[A-Za-z0-9._~:-]{1,100}$"
PersonInPath = Annotated[PersonId, Path(pattern=_OPAQUE)]
"""A person's id in an address: any opaque id, whether or not there is such a person."""
EntryInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The key of an entry of a family's story in an address."""
DecisionInPath = Annotated[DecisionId, Path(pattern=_OPAQUE)]
"""A decision's id in an address."""
RequestInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a request, to work with a family or to confirm one, in an address."""
PresenceInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a visit in which a family is there, in an address: nobody's, and opaque."""
OrderInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of an order of two in an address."""
CoverInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a shift on a rota in an address."""
AgencyInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The code of an agency in an address."""
PractitionerInPath = Annotated[PractitionerId, Path(pattern=_OPAQUE)]
"""The opaque id of an account in an address."""
ParkedInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a message that could not be read, in an address."""
ReviewInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a review of two who may be one, in an address."""
ProviderInPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""The name of a provider of sign-in in an address, as the settings have it."""
SessionInPath = Annotated[str, Path(pattern=_OPAQUE)]
"""The id of a session in an address: not its secret."""

# A path of ours with ids and codes alone: never another host (`//`, `/\\`), nor an escape.
_OWN = re.compile(r"/(?![/.])[A-Za-z0-9._~:/-]{0,300}(\?[A-Za-z0-9._~:=&-]{0,100})?")


def is_own(address: str) -> bool:
    """Whether it is an address of ours that somebody may be sent to."""
    return _OWN.fullmatch(address) is not None


def own_address(request: Request) -> str:
    """The path of a request with what its purpose is; only the path where the rest is not ours."""
    whole = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return whole if is_own(whole) else request.url.path


@dataclass(frozen=True, slots=True)
class ReviewAddresses:
    """The pages of one pair of people who may be one."""

    review: str

    @property
    def pair(self) -> str:
        """Where both are side by side."""
        return f"{WHO_MAY_BE_ONE}/{self.review}"

    @property
    def join(self) -> str:
        """Where one says that they are one person."""
        return f"{self.pair}/join"

    @property
    def apart(self) -> str:
        """Where one says that they are two."""
        return f"{self.pair}/apart"

    @property
    def undo(self) -> str:
        """Where one undoes what made them one."""
        return f"{self.pair}/undo"

    @property
    def confirm(self) -> str:
        """Where another says so too."""
        return f"{self.pair}/confirm"

    @property
    def ask(self) -> str:
        """Where one writes down that the sources are asked."""
        return f"{self.pair}/ask-sources"

    def after(self, done: str) -> str:
        """Give the address of the pair that says what has just been done about it."""
        return f"{self.pair}?done={done}"

    def after_refusal(self, refused: str) -> str:
        """Give the address of the pair that says why nothing was done."""
        return f"{self.pair}?refused={refused}"


@dataclass(frozen=True, slots=True)
class ParkedAddresses:
    """The pages of one message that could not be read."""

    parked: str

    @property
    def list(self) -> str:
        """Where all of them are."""
        return PARKED

    @property
    def message(self) -> str:
        """Where it is shown."""
        return f"{PARKED}/{self.parked}"

    @property
    def accept(self) -> str:
        """Where one says that it is about whom its number names."""
        return f"{self.message}/accept"

    @property
    def discard(self) -> str:
        """Where one says that nothing more is to be done about it."""
        return f"{self.message}/discard"

    @property
    def ask(self) -> str:
        """Where one writes down that the source is asked."""
        return f"{self.message}/ask-source"

    @property
    def as_sent(self) -> str:
        """Where one has shown what the source sent in the fields that the fault names."""
        return f"{self.message}/as-sent"

    def after(self, done: str) -> str:
        """Give the address of the message that says what has just been done about it."""
        return f"{self.message}?done={done}"

    def after_refusal(self, refused: str) -> str:
        """Give the address of the message that says why nothing was done."""
        return f"{self.message}?refused={refused}"


@dataclass(frozen=True, slots=True)
class HereAddresses:
    """The pages of one visit in which a family is there."""

    presence: str

    @property
    def ways(self) -> str:
        """Where they are offered the ways to show that it is them."""
        return f"{HERE}/{self.presence}"

    @property
    def code(self) -> str:
        """Where one asks for a code and types it in."""
        return f"{self.ways}/code"

    @property
    def typed_code(self) -> str:
        """Where a code that was typed goes."""
        return f"{self.ways}/typed-code"

    @property
    def request(self) -> str:
        """Where one asks an officer or a colleague."""
        return f"{self.ways}/request"

    @property
    def sheet(self) -> str:
        """Where one writes on an empty sheet."""
        return f"{self.ways}/sheet"

    @property
    def own_page(self) -> str:
        """Where one gives them a page of their own."""
        return f"{self.ways}/own-page"


@dataclass(frozen=True, slots=True)
class FamilyAddresses:
    """The pages of one family; `purpose` is set when it is not the practitioner's usual one."""

    person: PersonId
    purpose: Purpose | None = None

    @property
    def overview(self) -> str:
        """Where the profile is."""
        return self._page("")

    @property
    def story(self) -> str:
        """Where the family's story is."""
        return self._page("/story")

    @property
    def add_story(self) -> str:
        """Where one adds to the story."""
        return self._page("/story/new")

    @property
    def confirm_story(self) -> str:
        """Where one writes down that nothing has changed in the story."""
        return self._page("/story/confirm")

    def confirm_entry(self, entry: str) -> str:
        """Give the address where one writes down that nothing has changed in one entry."""
        return self._page(f"/story/{entry}/confirm")

    def correct_story(self, entry: str) -> str:
        """Give the address where one corrects an entry of the story."""
        return self._page(f"/story/{entry}/correct")

    def keep_story(self, entry: str) -> str:
        """Give the address where the family keeps an entry to fewer people."""
        return self._page(f"/story/{entry}/keep")

    def story_after(self, done: str) -> str:
        """Give the address of the story that says what has just been done."""
        return f"{self.story}{'&' if self.purpose else '?'}done={done}"

    @property
    def here(self) -> str:
        """Where one says that the family is there."""
        return f"/families/{self.person}/here"

    @property
    def close(self) -> str:
        """Where one ends what was opened for minutes."""
        return f"/families/{self.person}/close"

    @property
    def timeline(self) -> str:
        """Where the timeline is."""
        return self._page("/timeline")

    @property
    def early(self) -> str:
        """Where pregnancy to two is."""
        return self._page("/from-pregnancy-to-two")

    @property
    def people(self) -> str:
        """Where people and support are."""
        return self._page("/people")

    def people_after(self, done: str) -> str:
        """Give the address of people and support that says what has just been done."""
        return f"{self.people}{'&' if self.purpose else '?'}done={done}"

    def support(self, page: str) -> str:
        """Give the address where one writes down help wanted, a next step, or one's own part."""
        return self._page(f"/support/{page}")

    def after_support(self, page: str, done: str) -> str:
        """Give the same, that says what has just been done."""
        return f"{self.support(page)}{'&' if self.purpose else '?'}done={done}"

    @property
    def consent(self) -> str:
        """Where the decisions are listed."""
        return self._page("/consent")

    @property
    def record_decision(self) -> str:
        """Where one records a decision."""
        return self._page("/consent/new")

    def decide(self, step: str = "") -> str:
        """Give the address where one question of a family's decision is asked."""
        whole = self._page("/decide")
        return f"{whole}{'&' if self.purpose else '?'}step={step}" if step else whole

    @property
    def who_must_not_see(self) -> str:
        """Where the family names a worker who must not see it."""
        return self._page("/consent/who-must-not-see")

    @property
    def protection(self) -> str:
        """Where one sees what protects the person."""
        return self._page("/protection")

    def change_protection(self, act: str) -> str:
        """Where one places it, asks that it lasts or ends, and somebody else answers."""
        return self._page(f"/protection/{act}")

    @property
    def own_pages(self) -> str:
        """Where one asks that somebody's own page shows less."""
        return self._page("/own-pages")

    @property
    def who_has_looked(self) -> str:
        """Where the looks are listed."""
        return self._page("/who-has-looked")

    @property
    def looks_for_parents(self) -> str:
        """Where the looks are listed as parents may be given them."""
        return self._page("/who-has-looked/for-parents")

    @property
    def question(self) -> str:
        """Where one enters what the family asks governance."""
        return self._page("/question")

    def question_asked(self, question: str) -> str:
        """Give the address that says until when this question is answered."""
        return f"{self.question}{'&' if self.purpose else '?'}asked={question}"

    def confirm(self, decision: DecisionId) -> str:
        """Give the address where somebody is the second hand for what waits."""
        return self._page(f"/consent/{decision}/confirm")

    def withdraw(self, decision: DecisionId) -> str:
        """Give the address where one withdraws a decision."""
        return self._page(f"/consent/{decision}/withdraw")

    def decision(self, decision: DecisionId) -> str:
        """Give the address of a decision's own page."""
        return self._page(f"/consent/{decision}")

    def object_to(self, decision: DecisionId) -> str:
        """Give the address where one records an objection to a decision."""
        return self._page(f"/consent/{decision}/object")

    def end(self, decision: DecisionId) -> str:
        """Give the address where a practitioner ends a decision."""
        return self._page(f"/consent/{decision}/end")

    def invalidate(self, decision: DecisionId) -> str:
        """Give the address where one marks a decision as invalid."""
        return self._page(f"/consent/{decision}/invalidate")

    def receipt(self, decision: DecisionId, language: str | None = None) -> str:
        """Give the address of a decision's consent receipt, to read and print."""
        return self._page(f"/consent/{decision}/receipt", language=language)

    def receipt_pdf(self, decision: DecisionId, language: str | None = None) -> str:
        """Give the address of the same on one sheet of paper."""
        return self._page(f"/consent/{decision}/receipt-pdf", language=language)

    def receipt_file(self, decision: DecisionId) -> str:
        """Give the address of a decision's consent receipt, to keep and check."""
        return self._page(f"/consent/{decision}/receipt-file")

    def replace(self, decision: DecisionId) -> str:
        """Give the address where one records a decision in the place of another."""
        return self._page(f"/consent/{decision}/replace")

    def done(self, decision: DecisionId, outcome: str, proof: str) -> str:
        """Give the address that confirms what became of a decision."""
        return f"/families/{self.person}/consent/{decision}/{outcome}?proof={proof}"

    def _page(self, name: str, **asked: str | None) -> str:
        found = {"purpose": self.purpose, **asked}
        query = urlencode({key: str(value) for key, value in found.items() if value})
        return f"/families/{self.person}{name}{'?' if query else ''}{query}"
