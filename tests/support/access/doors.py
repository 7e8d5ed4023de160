"""Every door: the portal's routes, the interfaces for other systems, the commands."""

from collections.abc import Iterable, Iterator

from tests.support.access.model import Answer, Door, Doors, OpenTo, Rule

_FAMILY = "/families/{person}"
_DECISION = f"{_FAMILY}/consent/{{decision}}"
_ENTRY = f"{_FAMILY}/story/{{entry}}"
_SUPPORT = f"{_FAMILY}/support"


def _pages(
    open_to: OpenTo, rule: Rule, *names: str, answers: Answer = Answer.SHOWN
) -> Iterator[Door]:
    return (Door(name, Doors.PAGES, open_to, rule, answers) for name in names)


def _for_families(rule: Rule, *names: str, answers: Answer = Answer.SHOWN) -> Iterator[Door]:
    return _pages(OpenTo.FAMILIES, rule, *names, answers=answers)


def _same(answers: Answer, *names: str, open_to: OpenTo = OpenTo.FAMILIES) -> Iterator[Door]:
    return _pages(open_to, Rule.SAME_TO_ALL, *names, answers=answers)


def _uses_of_ones_name() -> Iterator[Door]:
    own, nobodys = "/uses-of-my-name", "/uses-of-my-name/{use}/not-me"
    yield from _same(Answer.SHOWN, f"GET {own}", open_to=OpenTo.SIGNED_IN)
    yield from _same(
        Answer.NOT_FOUND,
        *(f"POST {nobodys}", "GET /token-for-a-partner"),
        open_to=OpenTo.SIGNED_IN,
    )


def _page_doors() -> Iterator[Door]:
    yield from _same(Answer.FORM, "GET /sign-in", open_to=OpenTo.ANYBODY)
    yield from _same(Answer.DONE, "POST /sign-in", open_to=OpenTo.ANYBODY)
    yield from _same(Answer.SHOWN, "GET /assets/{digest}/{name}", open_to=OpenTo.ANYBODY)
    yield from _same(Answer.DONE, "POST /sign-out", open_to=OpenTo.SIGNED_IN)
    yield from _pages(OpenTo.SIGNED_IN, Rule.HOME, "GET /")
    yield from _same(Answer.FORM, "GET /check-a-class-list", open_to=OpenTo.SIGNED_IN)
    yield from _same(Answer.DONE, "POST /check-a-class-list", open_to=OpenTo.SIGNED_IN)
    yield from _uses_of_ones_name()
    yield from _signing_in()
    # A family.
    yield from _for_families(Rule.READS, f"GET {_FAMILY}")
    yield from _for_families(
        Rule.READS_ON,
        *(
            f"GET {_FAMILY}/{page}"
            for page in ("timeline", "people", "story", "from-pregnancy-to-two")
        ),
    )
    yield from _for_families(
        Rule.SHARING,
        f"GET {_FAMILY}/consent",
        f"GET {_FAMILY}/who-has-looked",
        f"GET {_FAMILY}/who-has-looked/for-parents",
    )
    # What its story says.
    yield from _for_families(Rule.STORY_FORM, f"GET {_FAMILY}/story/new", answers=Answer.FORM)
    yield from _for_families(Rule.SAYS_STORY, f"POST {_FAMILY}/story/new")
    yield from _for_families(
        Rule.ONE_ENTRY,
        *(f"GET {_ENTRY}/{act}" for act in ("confirm", "correct", "keep")),
        f"GET {_FAMILY}/story/confirm",
        answers=Answer.FORM,
    )
    yield from _for_families(
        Rule.CHANGES_ENTRY,
        *(f"POST {_ENTRY}/{act}" for act in ("confirm", "correct", "keep")),
        f"POST {_FAMILY}/story/confirm",
    )
    yield from _support()
    # What it decides.
    yield from _for_families(Rule.WRITES, f"GET {_FAMILY}/consent/new", answers=Answer.FORM)
    yield from _for_families(Rule.WRITES, f"POST {_FAMILY}/consent/new", answers=Answer.DONE)
    yield from _for_families(Rule.SAYS_NO, f"POST {_FAMILY}/consent/new (a no)")
    yield from _for_families(Rule.WRITES, f"GET {_FAMILY}/decide", answers=Answer.FORM)
    yield from _for_families(Rule.WRITES, f"POST {_FAMILY}/decide", answers=Answer.DONE)
    yield from _for_families(Rule.WRITES, "POST /record-a-decision", answers=Answer.DONE)
    yield from _for_families(Rule.SAYS_NO, "POST /record-a-decision (a no)")
    yield from _for_families(
        Rule.WRITES, f"GET {_FAMILY}/consent/who-must-not-see", answers=Answer.FORM
    )
    yield from _same(Answer.FORM, "GET /who-must-not-see")
    yield from _for_families(Rule.WRITES, f"GET {_FAMILY}/protection")
    yield from _for_families(Rule.WRITES, f"GET {_FAMILY}/question", answers=Answer.FORM)
    yield from _for_families(Rule.WRITES, f"POST {_FAMILY}/question", answers=Answer.DONE)
    yield from _for_families(Rule.PROTECTS, f"POST {_FAMILY}/protection/place")
    yield from _same(
        Answer.REFUSAL, *(f"POST {_FAMILY}/protection/{act}" for act in ("ask", "answer"))
    )
    yield from _same(
        Answer.TAKEN, f"POST {_FAMILY}/consent/who-must-not-see", "POST /who-must-not-see"
    )
    yield from _services_asked()
    receipts = (f"GET {_DECISION}/receipt{form}" for form in ("", "-pdf", "-file"))
    yield from _for_families(Rule.ONE_DECISION, f"GET {_DECISION}", *receipts)
    yield from _for_families(
        Rule.ONE_DECISION,
        *(f"GET {_DECISION}/{act}" for act in ("withdraw", "invalidate", "replace")),
        answers=Answer.FORM,
    )
    yield from _for_families(
        Rule.CHANGES_DECISION,
        *(f"{how} {_DECISION}/{act}" for act in ("confirm", "end") for how in ("GET", "POST")),
        f"GET {_DECISION}/object",
    )
    yield from _for_families(
        Rule.ONE_DECISION,
        *(f"POST {_DECISION}/{act}" for act in ("invalidate", "replace")),
        answers=Answer.DONE,
    )
    yield from _for_families(Rule.TAKES_BACK, f"POST {_DECISION}/withdraw")
    yield from _for_families(Rule.OBJECTS, f"POST {_DECISION}/object")
    yield from _same(Answer.NOT_FOUND, f"GET {_DECISION}/{{outcome}}")
    # What opens, and what says the same to everybody.
    yield from _for_families(Rule.FINDS, "POST /find-a-family")
    yield from _for_families(Rule.EMERGENCY, "POST /emergency")
    yield from _same(
        Answer.FORM,
        *("GET /find-a-family", "GET /emergency", "GET /ask-to-work-with", "GET /here"),
        *("GET /record-a-decision", f"GET {_FAMILY}/here"),
        *("GET /here/{presence}", "GET /here/{presence}/code", "GET /here/{presence}/sheet"),
        "POST /here/{presence}/typed-code",
    )
    yield from _same(
        Answer.DONE,
        *("POST /here", f"POST {_FAMILY}/here", "POST /ask-to-work-with"),
        *("POST /here/{presence}/code", "POST /here/{presence}/request"),
        *("POST /here/{presence}/sheet", f"POST {_FAMILY}/close", "POST /colleagues/{asked}"),
        "POST /colleagues/emergency/{asked}",
    )
    yield from _same(Answer.SHOWN, "GET /taken", "GET /due-for-review", "GET /colleagues")
    yield from _same(
        Answer.REFUSAL,
        *("GET /here/{presence} (another's)", "POST /requests/{wanted}/answer"),
        # Nobody has been confirmed to be there, or families have no pages of their own.
        *("GET /here/{presence}/own-page", "POST /here/{presence}/own-page"),
        *(f"GET {_FAMILY}/own-pages", f"POST {_FAMILY}/own-pages"),
        "GET /here/{presence}/on-paper",
        "POST /emergencies/{told}/seen",
    )
    yield from _other_roles()


def _services_asked() -> Iterator[Door]:
    """Services that are asked to help; in this world none is listed, and none was asked."""
    services = f"{_FAMILY}/services"
    yield from _for_families(Rule.WRITES, f"GET {services}")
    yield from _for_families(Rule.WRITES, f"GET {services}/find", answers=Answer.FORM)
    yield from _for_families(Rule.WRITES, f"POST {services}/find", answers=Answer.FORM)
    asks = (f"{how} {services}/ask/{{service}}" for how in ("GET", "POST"))
    yield from _for_families(Rule.WRITES, *asks, answers=Answer.NOT_FOUND)
    one = f"{services}/asked/{{connection}}"
    yield from _same(Answer.REFUSAL, f"GET {one}", f"POST {one}/stop", f"POST {one}/send")
    yield from _same(Answer.SHOWN, "GET /services-asked")
    yield from _same(Answer.NOT_FOUND, "GET /ask-a-service/{service}")


def _support() -> Iterator[Door]:
    """What it wants help with, what is next, who is involved; in this world nobody wrote any."""
    new = [f"{_SUPPORT}/{page}" for page in ("help/new", "step/new", "involved")]
    own = [f"{_SUPPORT}/{kind}/{{entry}}" for kind in ("help", "step")]
    forms, entries = (f"GET {page}" for page in new), (f"GET {page}" for page in own)
    yield from _for_families(Rule.STORY_FORM, *forms, answers=Answer.FORM)
    yield from _for_families(Rule.SAYS_STORY, *(f"POST {page}" for page in new))
    yield from _for_families(Rule.STORY_FORM, *entries, answers=Answer.NOT_FOUND)
    changes = (f"POST {page}" for page in own)
    yield from _for_families(Rule.STORY_FORM, *changes, answers=Answer.DONE)


def _signing_in() -> Iterator[Door]:
    """Who is signed in by nobody's word, and has one account in the demonstration."""
    nobody, signed_in, where = OpenTo.ANYBODY, OpenTo.SIGNED_IN, "/where-you-are-signed-in"
    yield from _same(
        Answer.NOT_SIGNED_IN,
        *("POST /sign-in/begin", "GET /sign-in/back/{provider}", "GET /sign-in/account"),
        *("POST /sign-in/account", "POST /sign-in/logout/{provider}"),
        open_to=nobody,
    )
    yield from _same(Answer.NOT_SIGNED_IN, "POST /sign-in-again", open_to=signed_in)
    yield from _same(Answer.SHOWN, f"GET {where}", "GET /conditions-of-use", open_to=signed_in)
    yield from _same(
        Answer.DONE,
        *(f"POST {where}/others/end", f"POST {where}/{{session}}/end", "POST /conditions-of-use"),
        open_to=signed_in,
    )
    yield from _same(Answer.FORM, "GET /change-account", "POST /change-account", open_to=signed_in)
    administrators = OpenTo.ACCOUNTS
    yield from _same(Answer.SHOWN, "GET /who-is-signed-in", open_to=administrators)
    yield from _same(
        Answer.DONE,
        "POST /who-is-signed-in/{practitioner}/{session}/end",
        open_to=administrators,
    )


def _other_roles() -> Iterator[Door]:
    """Pages for roles that open no records; an id that is nobody's leads back, or nowhere."""
    officers, stewards = OpenTo.OFFICERS, OpenTo.STEWARDS
    request, review = "/officer/{asked}", "/who-may-be-one/{review}"
    yield from _same(Answer.SHOWN, "GET /officer", open_to=officers)
    yield from _same(Answer.ELSEWHERE, f"GET {request}", open_to=officers)
    yield from _same(Answer.DONE, f"POST {request}", open_to=officers)
    hands, order = OpenTo.SECOND_HANDS, "/orders/{order}"
    yield from _same(Answer.SHOWN, "GET /orders", open_to=hands)
    yield from _same(Answer.NOT_FOUND, f"GET {order}", f"POST {order}", open_to=hands)
    parked = "/could-not-be-read/{parked}"
    yield from _same(
        Answer.SHOWN, "GET /who-may-be-one", "GET /could-not-be-read", open_to=stewards
    )
    yield from _same(
        Answer.NOT_FOUND,
        *(
            f"GET {parked}",
            *(f"POST {parked}/{act}" for act in ("accept", "discard", "ask-source", "as-sent")),
        ),
        open_to=stewards,
    )
    yield from _same(
        Answer.NOT_FOUND,
        *(f"GET {review}", f"GET {review}/join"),
        *(f"POST {review}/{act}" for act in ("join", "confirm", "apart", "undo", "ask-sources")),
        open_to=stewards,
    )
    yield from _staff()
    yield from _listed()
    yield from _audit()
    yield from _same(Answer.SHOWN, "GET /school-lists", open_to=stewards)
    yield from _same(
        Answer.NOT_FOUND,
        *(f"POST /school-lists/{{order}}/{act}" for act in ("agree", "decline")),
        open_to=stewards,
    )
    yield from _reviews()


def _staff() -> Iterator[Door]:
    """Who works where: somebody, or an agency, that is not theirs to look after is not there."""
    staff, accounts = OpenTo.STAFF, OpenTo.ACCOUNTS
    agency, person = "/staff/agencies/{agency}", "/staff/people/{practitioner}"
    yield from _same(Answer.SHOWN, "GET /staff", open_to=staff)
    yield from _same(
        Answer.NOT_FOUND, f"GET {agency}", f"GET {person}", f"POST {person}", open_to=staff
    )
    rota = f"{agency}/rota"
    yield from _same(
        Answer.NOT_FOUND,
        *(f"GET {rota}", f"POST {rota}", f"POST {rota}/{{cover}}/close"),
        open_to=staff,
    )
    yield from _same(
        Answer.FORM,
        *("GET /staff/add-agency", "GET /staff/import", "POST /staff/import"),
        open_to=accounts,
    )
    yield from _same(Answer.DONE, "POST /staff/add-agency", open_to=accounts)
    yield from _same(
        Answer.NOT_FOUND,
        *(f"GET {agency}/add", f"POST {agency}/add", f"GET {person}/change"),
        *(f"POST {person}/change", f"POST {person}/join"),
        open_to=accounts,
    )


def _reviews() -> Iterator[Door]:
    """Reviews and decisions in the workbench: by opaque numbers; what is nobody's is not there."""
    auditors = OpenTo.AUDIT
    yield from _same(
        Answer.SHOWN,
        *("GET /audit/decisions", "GET /audit/unusual", "GET /audit/reviews"),
        "GET /audit/family-questions",
        open_to=auditors,
    )
    yield from _pages(auditors, Rule.AUDITS_DECISION, "GET /audit/decisions/{decision}")
    one = ("/audit/unusual/{hit}", "/audit/reviews/{review}", "/audit/family-questions/{item}")
    yield from _same(
        Answer.NOT_FOUND,
        "GET /audit/reviews/{review}/affected",
        *(f"{how} {page}" for page in one for how in ("GET", "POST")),
        open_to=auditors,
    )


def _listed() -> Iterator[Door]:
    """Services that we list: no family is in it, and who writes none has no such page."""
    listed = "/services-we-list"
    yield from _same(
        Answer.NOT_FOUND,
        *(f"GET {listed}", f"GET {listed}/new", f"POST {listed}/new"),
        *(f"GET {listed}/{{service}}", f"POST {listed}/{{service}}"),
        *(f"POST {listed}/{{service}}/seen", f"POST {listed}/waiting/{{order}}"),
        open_to=OpenTo.SIGNED_IN,
    )
    answering = "/partners-who-answer"
    one = f"{answering}/{{partner}}"
    yield from _same(
        Answer.NOT_FOUND,
        *(f"GET {answering}", f"GET {one}", f"GET {one}/register", f"POST {one}/register"),
        *(f"POST {one}/renew", f"POST {one}/end", f"POST {one}/waiting/{{order}}"),
        open_to=OpenTo.FAMILIES,
    )


def _audit() -> Iterator[Door]:
    """The auditor's workbench: by opaque numbers, and nothing that a record says."""
    auditors = OpenTo.AUDIT
    yield from _same(
        Answer.SHOWN, "GET /audit", "GET /audit/access", "GET /audit/refusals", open_to=auditors
    )
    yield from _same(
        Answer.FORM,
        *("GET /audit/name-a-family", "GET /audit/looks", "GET /audit/could-see"),
        open_to=auditors,
    )
    yield from _same(Answer.DONE, "POST /audit/name-a-family", open_to=auditors)
    yield from _same(Answer.NOT_FOUND, "GET /audit/explain/{entry}", open_to=auditors)
    yield from _integrity_and_figures()


def _integrity_and_figures() -> Iterator[Door]:
    """Of the workbench too; and the figures of service managers. No record, whoever is named."""
    audit, proof = OpenTo.AUDIT, "/audit/integrity/proof"
    yield from _same(Answer.DONE, f"GET {proof}/{{entry}}/file", open_to=audit)
    yield from _same(Answer.FORM, f"GET {proof}", "GET /audit/exports/new", open_to=audit)
    yield from _same(Answer.FORM, "POST /audit/exports/new", open_to=audit)
    yield from _same(
        Answer.SHOWN,
        *("GET /audit/timings", "GET /audit/figures", "GET /audit/exports"),
        *("GET /audit/integrity", f"GET {proof}/{{entry}}"),
        open_to=audit,
    )
    yield from _same(Answer.SHOWN, "GET /figures", open_to=OpenTo.FIGURES)


def _machine_doors() -> Iterator[Door]:
    asking = "POST /access/v1/evaluation"
    for name, rule in (
        (f"{asking} (read child-health)", Rule.ASKED_HEALTH),
        (f"{asking} (exists child-health)", Rule.ASKED_HEALTH),
        (f"{asking} (read communication-needs)", Rule.ASKED_NEEDS),
        ("POST /access/v1/evaluations (read child-health)", Rule.ASKED_HEALTH),
    ):
        yield Door(name, Doors.MACHINES, OpenTo.FAMILIES, rule)
    families = "GET /api/v1/families/{family}"
    yield Door(families, Doors.MACHINES, OpenTo.FAMILIES, Rule.READS, shows_all=True)


def _command_doors() -> Iterator[Door]:
    families = OpenTo.FAMILIES
    yield Door("profile show", Doors.COMMANDS, families, Rule.READS, shows_all=True)
    yield Door("story show", Doors.COMMANDS, families, Rule.READS_ON)
    yield Door("decide", Doors.COMMANDS, families, Rule.ASKED_HEALTH)
    yield Door("restriction list", Doors.COMMANDS, OpenTo.SIGNED_IN, Rule.RESTRICTIONS)
    yield Door("report subject-access", Doors.COMMANDS, OpenTo.REPORTS, Rule.REPORT)
    for name, open_to in (
        ("officer list", OpenTo.OFFICERS),
        ("link review list", OpenTo.STEWARDS),
    ):
        yield Door(name, Doors.COMMANDS, open_to, Rule.SAME_TO_ALL)


DOORS = (*_page_doors(), *_machine_doors(), *_command_doors())
"""All that are walked."""

BY_SCOPE = (
    *("POST /oauth/token", "GET /.well-known/oauth-authorization-server"),
    "GET /partners/v1/openapi.json",
    "POST /partners/v1/checks",
    *("POST /partners/v1/events", "GET /partners/v1/dispositions", "GET /partners/v1/resend"),
    *("GET /partners/v1/connections", "GET /partners/v1/connections/{connection}"),
    "POST /partners/v1/connections/{connection}/answers",
    "POST /partners/csc/children_social_care_data/{la_code}/children",
    "GET /.well-known/authzen-configuration",
    "HEAD /api/v1/families/{family}",
)
"""Routes at which nobody asks for a practitioner."""

FOR_MONITORS = (
    *("GET /ledger/v1/checkpoint", "GET /ledger/v1/consistency"),
    "GET /ledger/v1/tile/{level}/{place:path}",
)
"""Routes of the ledger: hashes alone, for anybody."""


def named(doors: Iterable[Door]) -> frozenset[str]:
    """The routes or commands that they are ways of asking at."""
    return frozenset(door.name.partition(" (")[0] for door in doors)
