"""What the design says is answered (DESIGN.md sections 4, 10 and 16), in as few rules as it has.

Written from its sentences and from nothing that runs: where a door answers otherwise, one of the
two is wrong, and it is not for this file to follow.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from schemas.vocabulary import Role
from tests.support.access.model import Answer, Case, Doors, OpenTo, Part, Person, Rule, Standing

_WORKS_WITH_FAMILIES = {Role.PRACTITIONER, Role.LEAD_PRACTITIONER}
# Rule 0 and section 10: what each role is here to do.
_ROLES: Mapping[OpenTo, set[Role]] = {
    OpenTo.ANYBODY: set(Role),
    OpenTo.SIGNED_IN: set(Role),
    OpenTo.FAMILIES: _WORKS_WITH_FAMILIES,
    OpenTo.STEWARDS: {Role.DATA_STEWARD},
    OpenTo.OFFICERS: {Role.CONFIRMING_OFFICER},
    OpenTo.REPORTS: {Role.INFORMATION_GOVERNANCE},
    # Section 16: a lead accepts staff; officers are the hands of erasures and reports, and a
    # confirming officer of what is taken off a family's own page.
    OpenTo.SECOND_HANDS: {
        Role.LEAD_PRACTITIONER,
        Role.INFORMATION_GOVERNANCE,
        Role.ADMINISTRATOR,
        Role.CONFIRMING_OFFICER,
    },
    # Section 16: an administrator adds, moves and gives references; a lead accepts, and takes
    # away what is their own agency's.
    OpenTo.STAFF: {Role.LEAD_PRACTITIONER, Role.ADMINISTRATOR},
    OpenTo.ACCOUNTS: {Role.ADMINISTRATOR},
    # Section 10: governance asks who looked and why; managers see how their services do.
    OpenTo.AUDIT: {Role.INFORMATION_GOVERNANCE},
    OpenTo.FIGURES: {Role.SERVICE_MANAGER},
}
_OWN_PAGES = (
    _ROLES[OpenTo.STEWARDS]
    | _ROLES[OpenTo.OFFICERS]
    | _ROLES[OpenTo.SECOND_HANDS]
    | _ROLES[OpenTo.FIGURES]
) - _WORKS_WITH_FAMILIES
# Section 16, relationships: what each opens.
_AS_PERMITTED = {Standing.CASE_LOAD, Standing.LEADS, Standing.REFERRAL}
_LETS_ASK = _AS_PERMITTED | {
    Standing.OWN,
    Standing.COVER,
    Standing.CONFIRMED,
    Standing.EMERGENCY,
}
_COVER = frozenset({Part.PRACTITIONERS, Part.SAFEGUARDING, Part.NEEDS})
_OPENS: Mapping[Standing, frozenset[Part]] = {
    **dict.fromkeys(_AS_PERMITTED, frozenset(Part)),
    Standing.COVER: _COVER,
    Standing.CONFIRMED: frozenset(Part) - {Part.PLACE, Part.THIRD_PARTY},
    Standing.EMERGENCY: _COVER | {Part.CONTACT, Part.PLACE},
}
# Of whom the shared profile holds anything: nobody's records get there without a decision.
_HELD = {Person.SHARED, Person.REFUSED}
_HIDDEN = {Person.RESTRICTED, Person.EXCLUDED, Person.UNKNOWN}


# Section 16, staff: through a partner never for presence or emergency.
_PASSING = {Standing.CONFIRMED, Standing.UNCONFIRMED, Standing.EMERGENCY}


def _as_it_counts(case: Case) -> Case:
    """To another system, what was opened before our own page is nothing."""
    is_nothing = case.door.doors is Doors.MACHINES and case.standing in _PASSING
    return replace(case, standing=Standing.STRANGER) if is_nothing else case


def parts_shown(case: Case) -> frozenset[Part]:
    """What of a person may be read by whoever asks; nothing else may be on any answer."""
    case = _as_it_counts(case)
    if case.door.rule is Rule.REPORT and case.role in _ROLES[OpenTo.REPORTS]:
        return frozenset(Part)
    if case.role not in _WORKS_WITH_FAMILIES or case.person not in _HELD:
        return frozenset()
    if case.person is Person.REFUSED and case.standing is not Standing.EMERGENCY:
        return frozenset()
    return _OPENS.get(case.standing, frozenset())


def expected(case: Case) -> Answer:
    """What is answered."""
    case = _as_it_counts(case)
    if case.role not in _ROLES[case.door.open_to]:
        return _TO_OTHER_ROLES[case.door.doors] if case.door.rule not in _YES_OR_NO else Answer.NO
    return _RULES[case.door.rule](case)


_TO_OTHER_ROLES = {
    Doors.PAGES: Answer.ROLE,
    Doors.MACHINES: Answer.REFUSAL,
    Doors.COMMANDS: Answer.REFUSAL,
}
_YES_OR_NO = {Rule.ASKED_HEALTH, Rule.ASKED_NEEDS}


def _is_closed(case: Case) -> bool:
    """Rules 2 to 3: restricted, excluded, or nothing to do with them; unknown likewise."""
    return case.person in _HIDDEN or case.standing not in _LETS_ASK


def _home(case: Case) -> Answer:
    match case.role:
        case role if role in _OWN_PAGES:
            return Answer.ELSEWHERE
        case role if role in _WORKS_WITH_FAMILIES:
            return Answer.NOT_LISTED if _is_closed(case) else Answer.LISTED
        case _:
            return Answer.NOT_LISTED


def _reads(case: Case) -> Answer:
    """One refusal to strangers; who works with them is told that nothing is shared, and why.

    An emergency opens whatever was decided (rule 4), though there be nothing to show.
    """
    if _is_closed(case):
        return Answer.REFUSAL
    opens = parts_shown(case) or case.standing is Standing.EMERGENCY
    if opens:
        return Answer.SHOWN
    has_page = case.door.doors is Doors.PAGES or case.standing is not Standing.OWN
    return Answer.NOTHING if has_page and case.door.doors is not Doors.MACHINES else Answer.REFUSAL


def _reads_on(case: Case) -> Answer:
    """Story and timeline: an emergency opens neither, nor who may read them."""
    return Answer.REFUSAL if case.standing is Standing.EMERGENCY else _reads(case)


def _to_who_may_ask(answer: Answer) -> Callable[[Case], Answer]:
    """What asks first what reading asks, and no more: writing, sharing page, who has looked."""
    return lambda case: Answer.REFUSAL if _is_closed(case) else answer


def _says_no(case: Case) -> Answer:
    """Narrowing is taken from anybody, matched or not."""
    return Answer.TAKEN if _is_closed(case) else Answer.DONE


def _protects(case: Case) -> Answer:
    """At once, by whoever holds a case-load, or was referred them."""
    may = not _is_closed(case) and case.standing in _AS_PERMITTED
    return Answer.DONE if may else Answer.REFUSAL


def _opens_list(case: Case) -> bool:
    """Own opens nothing of others, nor that there is any; an emergency four parts and no list."""
    return not _is_closed(case) and case.standing not in {Standing.OWN, Standing.EMERGENCY}


def _takes_back(case: Case) -> Answer:
    """So is taking back a yes; who may know of no decision is told of none."""
    if case.person is Person.WITHDRAWN and _opens_list(case):
        return Answer.CHANGED
    has_yes = case.person in {Person.SHARED, Person.REFUSED}
    return Answer.DONE if has_yes and _opens_list(case) else Answer.TAKEN


def _one_decision(case: Case) -> Answer:
    """Row by row, `decide` for existence."""
    if _is_closed(case):
        return Answer.REFUSAL
    may_know = case.person is Person.SHARED and _opens_list(case)
    return case.door.answers if may_know else Answer.NOT_FOUND


def _changes_decision(case: Case) -> Answer:
    return Answer.REFUSAL if _is_closed(case) else Answer.NOT_FOUND


def _audits_decision(case: Case) -> Answer:
    """By its id, whatever it says; of whom there is no decision there is none."""
    is_there = case.person not in {Person.NOTHING, Person.UNKNOWN}
    return Answer.SHOWN if is_there else Answer.NOT_FOUND


def _story_form(case: Case) -> Answer:
    in_emergency = case.standing is Standing.EMERGENCY
    return Answer.REFUSAL if _is_closed(case) or in_emergency else case.door.answers


def _says_story(case: Case) -> Answer:
    """Whoever may ask may write, not in an emergency; where nobody may have it it is not kept."""
    if _is_closed(case) or case.standing is Standing.EMERGENCY:
        return Answer.REFUSAL
    return Answer.DONE if case.person in _HELD else Answer.NOTHING


def _one_entry(case: Case) -> Answer:
    """An entry is for who may read it; to others there is none such."""
    read = _reads(case)
    if read is not Answer.SHOWN:
        return read
    return Answer.FORM if Part.STORY in parts_shown(case) else Answer.NOT_FOUND


def _changes_entry(case: Case) -> Answer:
    if _is_closed(case) or case.standing is Standing.EMERGENCY:
        return Answer.REFUSAL
    return Answer.DONE if Part.STORY in parts_shown(case) else Answer.NOT_FOUND


def _objects(case: Case) -> Answer:
    """A no, from anybody; to those who may know of the decision, that it is no public task."""
    is_there = case.person is not Person.NOTHING
    return Answer.NOT_FOUND if is_there and _opens_list(case) else Answer.TAKEN


def _finds(case: Case) -> Answer:
    return Answer.REFUSAL if _is_closed(case) else Answer.DONE


def _emergency(case: Case) -> Answer:
    """It opens to whoever announces it; never over a restriction or an exclusion."""
    return Answer.REFUSAL if case.person in _HIDDEN else Answer.DONE


def _asked(part: Part) -> Callable[[Case], Answer]:
    """A yes or no to another system, for one category; an emergency's holds over a refusal."""

    def answer(case: Case) -> Answer:
        in_emergency = case.standing is Standing.EMERGENCY and part in _OPENS[case.standing]
        is_open = not _is_closed(case) and (part in parts_shown(case) or in_emergency)
        return Answer.YES if is_open else Answer.NO

    return answer


def _restrictions(case: Case) -> Answer:
    """Who is on no list is not told that there is anything; information governance is."""
    is_told = case.role is Role.INFORMATION_GOVERNANCE and case.person is Person.RESTRICTED
    return Answer.LISTED if is_told else Answer.NOT_LISTED


def _report(case: Case) -> Answer:
    return Answer.NOT_FOUND if case.person is Person.UNKNOWN else Answer.SHOWN


_RULES: Mapping[Rule, Callable[[Case], Answer]] = {
    Rule.SAME_TO_ALL: lambda case: case.door.answers,
    Rule.HOME: _home,
    Rule.READS: _reads,
    Rule.READS_ON: _reads_on,
    Rule.SHARING: _to_who_may_ask(Answer.SHOWN),
    Rule.WRITES: lambda case: _to_who_may_ask(case.door.answers)(case),
    Rule.SAYS_NO: _says_no,
    Rule.PROTECTS: _protects,
    Rule.TAKES_BACK: _takes_back,
    Rule.ONE_DECISION: _one_decision,
    Rule.CHANGES_DECISION: _changes_decision,
    Rule.AUDITS_DECISION: _audits_decision,
    Rule.STORY_FORM: _story_form,
    Rule.SAYS_STORY: _says_story,
    Rule.ONE_ENTRY: _one_entry,
    Rule.CHANGES_ENTRY: _changes_entry,
    Rule.OBJECTS: _objects,
    Rule.FINDS: _finds,
    Rule.EMERGENCY: _emergency,
    Rule.ASKED_HEALTH: _asked(Part.HEALTH),
    Rule.ASKED_NEEDS: _asked(Part.NEEDS),
    Rule.RESTRICTIONS: _restrictions,
    Rule.REPORT: _report,
}
