"""What the core refuses about a decision, as a field of the page and a sentence beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from consent.errors import DecisionInvalidError
from services.portal.frame.errors import InvalidDecisionError

_FORM_FIELDS = {
    "subject": "subjects",
    "category": "categories",
    "purpose": "purposes",
    "decided-by": "decider_kind",
    "review-at": "review",
    "article-9": "article_9",
    "gateway": "gateways",
}
_SENTENCES = {
    "contradicts:date-of-birth": "The date of birth is not the one that is on record",
    "contradicts:other-identifier": "This number contradicts what is on record",
    "has-no-valid-identifier": "Enter an NHS number or unique pupil number",
    "is-not-known": "Nobody is on record under this reference",
    "is-missing": "Select at least one",
    "is-not-in-the-future": "The last day must be in the future",
    "nobody-consents-for-a-family": "A practitioner cannot consent for a family",
    "nobody-objects-for-a-family": "A practitioner cannot object for a family",
    "is-already-withdrawn": "This decision has been withdrawn already",
    "is-invalidated": "This decision has been marked as invalid",
    "is-already-invalidated": "This decision has been marked as invalid already",
    "is-superseded": "Another decision has taken the place of this one",
    "is-withdrawn": "A decision that was withdrawn cannot be replaced",
    "has-ended": "This decision has ended already",
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
    "is-not-only-the-young-person": "A young person decides for themselves only",
    "is-not-a-language-tag": "Select the language",
    "is-not-a-version": "Enter the version as it stands on the notice, such as 2026-03",
}
_SENTENCES_OF = {
    ("supersedes", "is-not-known"): "There is no decision under this reference",
    ("competence", "is-missing"): "Tick what the young person can do, or that they are 16 or 17",
    ("because", "is-missing"): "Select why they were not asked",
    ("review", "is-not-in-the-future"): "The day to ask again must be in the future",
}


@contextmanager
def as_form_errors() -> Iterator[None]:
    """What the core refuses, as the page's field and a sentence for who filled it in."""
    try:
        yield
    except DecisionInvalidError as error:
        field = _FORM_FIELDS.get(error.field, error.field)
        usual = _SENTENCES.get(error.reason, "This cannot be recorded")
        raise InvalidDecisionError(
            field=field, reason=_SENTENCES_OF.get((field, error.reason), usual)
        ) from error
