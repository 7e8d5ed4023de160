"""What is withheld from somebody's report: record by record, and why."""

from typing import Any

import pytest

from consent import OnRecord
from consent.circumstances import Channel, Circumstances, RefusalReason
from consent.deciding.decide import Answers
from consent.model import (
    Decider,
    DeciderKind,
    Proposal,
    Response,
    RestrictionScope,
    SharingAct,
    TakenBack,
)
from schemas.identifiers import PersonId, RecordKey
from schemas.vocabulary import Category, Label, Purpose, Source
from services.interfaces.subject_access.held import GivenTo, WhyWithheld
from services.interfaces.subject_access.withholding import Withholding
from services.profile.ports import StoredRecord
from tests.support.builders import (
    CHILD,
    DAY,
    MOTHER_ID,
    NOW,
    SIBLING,
    TEACHER,
    VISITOR,
    a_permit,
    a_refusal,
    a_restriction,
    on_record,
)

_SECRET = Circumstances(parents_are_not_told=True)


def a_stored(*persons: PersonId, **more: Any) -> StoredRecord:
    """Build a record: by default of the child's health."""
    defaults: dict[str, Any] = {
        "key": RecordKey("r" * 8),
        "source": Source.HEALTH_VISITING,
        "category": Category.CHILD_HEALTH,
        "persons": persons or (CHILD,),
        "labels": frozenset(),
        "version": "2026-01-01T00:00:00Z/1",
        "sealed": b"",
        "stored_under": CHILD,
    }
    return StoredRecord(**(defaults | more))


def withholding(
    given_to: GivenTo = GivenTo.PERSON, **found: OnRecord | tuple[Any, ...]
) -> Withholding:
    """Build what is on record about child, mother and sibling; the visitor hands over."""
    persons = {"child": CHILD, "mother": MOTHER_ID, "sibling": SIBLING}
    known = {
        id_: on_record(*found.get(name, ()))  # type: ignore[misc]
        for name, id_ in persons.items()
    }
    return Withholding(CHILD, VISITOR, given_to, NOW, known, Answers(known))


@pytest.mark.parametrize(
    ("given_to", "expected"),
    [(GivenTo.PARENT, WhyWithheld.NOT_FOR_PARENTS), (GivenTo.PERSON, None)],
)
def test_who_may_ask_is_not_told_to_parents_where_a_young_person_keeps_anything_from_them(
    given_to: GivenTo, expected: WhyWithheld | None
):
    """A service that they go to is told by whoever of it may ask."""
    kept = a_permit(circumstances=_SECRET)

    assert withholding(given_to).of_asking() is None
    assert withholding(given_to, child=(kept,)).of_asking() is expected


def test_what_is_the_childs_own_is_told():
    """Whether or not it is shared with anybody."""
    assert withholding().of_record(a_stored()) == ()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_stored(labels=frozenset({Label.THIRD_PARTY})), WhyWithheld.THIRD_PARTY),
        (a_stored(MOTHER_ID), WhyWithheld.THIRD_PARTY),
        (a_stored(MOTHER_ID, SIBLING, CHILD), WhyWithheld.THIRD_PARTY),
        (a_stored(CHILD, MOTHER_ID, SIBLING), WhyWithheld.THIRD_PARTY),
        (a_stored(labels=frozenset({Label.PROTECTED_LOCATION})), WhyWithheld.PROTECTED_PLACE),
        (a_stored(kept_to=frozenset({"agency:schools"})), WhyWithheld.KEPT_BY_FAMILY),
    ],
    ids=range(6),
)
def test_what_is_not_the_childs_alone_is_not_told(record: StoredRecord, reason: WhyWithheld):
    """By what stands beside the record, before it is opened."""
    assert reason in withholding().of_record(record)


@pytest.mark.parametrize("scope", RestrictionScope)
@pytest.mark.parametrize("near", ["mother", "sibling"])
@pytest.mark.parametrize("allowed", [(), (VISITOR,)], ids=["nobody", "who-hands-over"])
def test_where_the_child_is_stays_untold_while_anybody_near_is_protected(
    scope: RestrictionScope, near: str, allowed: tuple[Any, ...]
):
    """An allow-list lets somebody see, not hand over what leads to somebody else."""
    subject = {"mother": MOTHER_ID, "sibling": SIBLING}[near]
    restriction = a_restriction(*allowed, subject=subject, scope=scope)
    found = withholding(**{near: (restriction,)})

    assert found.of_record(a_stored(labels=frozenset({Label.LOCATION}))) == (
        WhyWithheld.RESTRICTED,
    )
    assert found.of_record(a_stored()) == ()


def test_who_is_let_in_by_the_childs_own_restriction_tells_what_is_the_childs():
    """Nobody else does."""
    where = a_stored(labels=frozenset({Label.LOCATION}))

    let_in = withholding(child=(a_restriction(VISITOR),))
    shut_out = withholding(child=(a_restriction(TEACHER),))

    assert let_in.of_record(where) == ()
    assert shut_out.of_record(a_stored()) == (WhyWithheld.RESTRICTED,)
    assert (let_in.of_identifiers(), shut_out.of_identifiers()) == (None, WhyWithheld.RESTRICTED)


def test_a_restriction_that_was_lifted_withholds_nothing():
    """From then on."""
    lifted = a_restriction(placed_at=NOW - 2 * DAY, lifted_at=NOW - DAY)

    assert withholding(child=(lifted,)).of_record(a_stored()) == ()


def test_what_would_harm_is_withheld_while_that_judgement_stands():
    """In its categories and sources; a judgement about somebody else in the record counts too."""
    harm = a_refusal(Response.DETRIMENTAL, category=Category.CHILD_HEALTH)
    over = a_refusal(Response.DETRIMENTAL, until=NOW - DAY)
    of_schools = a_refusal(Response.DETRIMENTAL, sources=[Source.SCHOOLS])

    assert withholding(child=(harm,)).of_record(a_stored()) == (WhyWithheld.SERIOUS_HARM,)
    assert withholding(child=(harm,)).of_record(a_stored(category=Category.EDUCATION)) == ()
    assert withholding(child=(over,)).of_record(a_stored()) == ()
    assert withholding(child=(of_schools,)).of_record(a_stored()) == ()
    assert withholding(child=(harm,)).of_decision(harm) is WhyWithheld.SERIOUS_HARM


def test_what_a_young_person_asked_that_parents_are_not_told_is_told_to_them_alone():
    """The decision, what is shared by it alone, and looks that would show it."""
    secret = a_permit(circumstances=_SECRET)
    parent = withholding(GivenTo.PARENT, child=(secret,))
    own = withholding(GivenTo.PERSON, child=(secret,))
    look = (Purpose.DIRECT_CARE.value, (Category.CHILD_HEALTH,), NOW)

    assert parent.of_record(a_stored()) == (WhyWithheld.NOT_FOR_PARENTS,)
    assert parent.of_decision(secret) is WhyWithheld.NOT_FOR_PARENTS
    assert parent.of_look(*look) is WhyWithheld.NOT_FOR_PARENTS
    assert parent.of_look(Purpose.DIRECT_CARE.value, (Category.EDUCATION,), NOW) is None
    assert parent.of_look(Purpose.SAFEGUARDING.value, (), NOW) is None
    assert parent.of_restriction() is WhyWithheld.RESTRICTED
    assert (own.of_record(a_stored()), own.of_decision(secret), own.of_look(*look)) == (
        (),
        None,
        None,
    )
    assert own.of_restriction() is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (DeciderKind.YOUNG_PERSON, DeciderKind.NOT_SAID),
        (DeciderKind.PERSON, DeciderKind.NOT_SAID),
        (DeciderKind.OTHER, DeciderKind.NOT_SAID),
        (DeciderKind.PARENT, DeciderKind.PARENT),
        (DeciderKind.COURT, DeciderKind.COURT),
    ],
)
def test_a_parent_is_not_told_that_a_young_person_took_it_back(
    kind: DeciderKind, told: DeciderKind
):
    """Nor that somebody did for them; also where it waits. They themselves are told."""
    back = TakenBack(Decider(kind, "somebody"), Channel.ONLINE, RefusalReason.WHO_WOULD_SEE)
    waits = Proposal(SharingAct.WITHDRAW, f"practitioner:{VISITOR}", NOW, NOW, taken_back=back)
    over = a_permit(withdrawn_at=NOW, taken_back=back, change_asked=waits)

    for_parent = withholding(GivenTo.PARENT).with_who_took_it_back(over)
    for_person = withholding(GivenTo.PERSON).with_who_took_it_back(over)

    assert for_parent.taken_back is not None
    assert for_parent.change_asked is not None
    assert for_parent.change_asked.taken_back == for_parent.taken_back
    assert for_parent.taken_back.by.kind is told
    assert (for_parent.taken_back.channel is None) == (told is DeciderKind.NOT_SAID)
    assert for_person == over


def test_what_a_child_said_no_to_without_being_judged_is_theirs_to_tell_too():
    """As what a young person judged competent decided."""
    no = a_refusal(decided_by=Decider(DeciderKind.PERSON, "themselves"))

    assert withholding(GivenTo.PARENT).of_decision(no) is WhyWithheld.NOT_FOR_PARENTS
    assert withholding(GivenTo.PERSON).of_decision(no) is None
