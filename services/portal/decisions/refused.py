"""What the core refuses about a decision, as a field of the page and a sentence beside it."""

from starlette.requests import Request
from starlette.responses import Response

from consent.errors import DecisionInvalidError
from services.portal.decisions.who import WHO_DECIDED, WHO_OBJECTS
from services.portal.frame.failures import FailurePage, failure_response
from services.portal.frame.forms import FormErrors

# The field of the page that shows what is wrong with a field of the order.
_FIELD_ON_PAGE = {
    "subject": "identifier",
    "category": "categories",
    "purpose": "purposes",
    "gateway": "gateways",
    "until": "until-day",
    "decided-on": "decided-on-day",
    "review-at": "review-day",
    "supersedes": "decided-by",
    "objector": "decided-by",
    "because": "why-not-asked",
    "second-judge": "competence",
    "source": "sources",
    "recipient": "recipients",
}
DECIDED_IN_FUTURE = "When it was decided must be today or in the past"
_SENTENCES = {
    "is-in-the-future": DECIDED_IN_FUTURE,
    "is-too-long-ago": "When it was decided must be in the year 1900 or later",
    "is-before-they-were-born": "When it was decided must be after they were born",
    "was-decided-later": (
        "A decision cannot be replaced by one that was made before it: record this one by itself"
    ),
    "contradicts:date-of-birth": "The date of birth is not the one that is on record",
    "contradicts:other-identifier": "This number contradicts what is on record",
    "has-no-valid-identifier": "Enter an NHS number or unique pupil number",
    "is-not-known": "Nobody is on record under this reference",
    "is-missing": "Select at least one",
    "is-not-in-the-future": "The last day must be in the future",
    "nobody-consents-for-a-family": "A practitioner cannot consent for a family",
    "agrees-for-no-family": (
        "Nobody but the family agrees for it. From a court, or from who is not named, a no is taken"
    ),
    "nobody-objects-for-a-family": "A practitioner cannot object for a family",
    "is-already-withdrawn": "This decision has been withdrawn already",
    "is-invalidated": "This decision has been marked as invalid",
    "is-already-invalidated": "This decision has been marked as invalid already",
    "is-superseded": "Another decision has taken the place of this one",
    "is-withdrawn": "A decision that was withdrawn cannot be replaced",
    "has-ended": "This decision has ended already",
    "waits-already": "A change of this decision is waiting to be confirmed already",
    "waits-for-nothing": "Nothing about this decision is waiting to be confirmed",
    "narrows-and-widens": (
        "This would allow some things and stop others. Withdraw the decision first, which is in "
        "force at once; then record the new one"
    ),
    "is-a-duty": "The law requires this to be shared; a family cannot end it",
    "rests-on-consent": "This rests on consent, which is the family’s to withdraw",
    "shares-nothing": "Only sharing can be objected to",
    "is-another-deciders": "Only who made a decision can replace it: select the same person",
    "is-about-others": "A decision can only be replaced by one about the same people",
    "is-no-reason-for-this-response": "Select a reason that fits what was decided",
    "ground-is-consent": "Where the ground is consent the family has to be asked",
    "does-not-go-with-the-basis": "Select a condition that goes with the legal basis",
    "names-no-duty": "Select the law that makes it a duty to share",
    "cannot-be-objected-to": "Only a public task can be objected to; consent is refused",
    "is-not-presumed-below-16": "The young person is younger than 16: judge whether they can",
    "was-judged-not-to-be": "Who cannot say yes to all five may not decide this alone",
    "is-asked-of-a-young-person-only": "These questions are for a young person who decides",
    "is-a-young-persons-to-ask": "Only a young person who decides can ask for this",
    "nobody-decides-for-an-adult": "An adult decides for themselves",
    "is-presumed-able-from-16": "From 16 they decide themselves, unless they are judged unable to",
    "is-no-adult": "Only an adult can decide this for themselves",
    "is-an-adult": "Select that an adult decided for themselves",
    "is-not-old-enough": "They are too young to decide this themselves",
    "is-not-only-who-decides": "Who decides for themselves decides for nobody else",
    "is-not-a-first-and-a-last-name": "Enter a first and a last name",
    "is-alone-and-not-alone": "Tick nobody else, or who was in the room",
    "a-duty-is-no-familys": "A duty is recorded by a practitioner of the agency that holds",
    "is-not-the-recorders-own": "A duty is about your own agency’s records only",
    "is-the-recorders-own": "A duty is for another agency, named, and not for a role",
    "is-not-only-the-young-person": "A young person decides for themselves only",
    "is-not-a-language-tag": "Select the language",
    "is-not-a-version": "Enter the version as it stands on the notice, such as 2026-03",
}
_SENTENCES_OF = {
    ("decided-by", "is-not-on-the-list"): WHO_DECIDED,
    ("objector", "is-not-on-the-list"): WHO_OBJECTS,
    ("second-judge", "is-missing"): (
        "Below 13 two professionals judge this, and both work with the child already: let one who "
        "does record it"
    ),
    ("supersedes", "is-not-known"): "There is no decision under this reference",
    ("competence", "is-missing"): "Tick what the young person can do, or that they are 16 or 17",
    ("because", "is-missing"): "Select why they were not asked",
    ("review-at", "is-not-in-the-future"): "The day to ask again must be in the future",
}
_LOOK_AGAIN = "Nothing was changed. Open the family’s decisions again to see how they stand."


def field_on_page(error: DecisionInvalidError) -> str:
    """The field beside which it is told."""
    return _FIELD_ON_PAGE.get(error.field, error.field)


def sentence_of(error: DecisionInvalidError) -> str:
    """A sentence for whoever filled in the page; it carries nothing that was typed."""
    usual = _SENTENCES.get(error.reason, "This cannot be recorded")
    return _SENTENCES_OF.get((error.field, error.reason), usual)


def note_refused(errors: FormErrors, error: DecisionInvalidError) -> None:
    """Show beside its field what the core did not accept."""
    errors.add(field_on_page(error), sentence_of(error))


def changed_meanwhile(request: Request, error: Exception) -> Response:
    """Say why a decision can no longer be changed as the page offered when it was shown."""
    why = (sentence_of(error),) if isinstance(error, DecisionInvalidError) else ()
    page = FailurePage(409, "This decision cannot be changed like that", (*why, _LOOK_AGAIN))
    return failure_response(request, page)
