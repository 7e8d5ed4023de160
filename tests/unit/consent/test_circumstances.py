"""How a decision came about, and whether it counts as confirmed by who made it."""

import pytest

from consent.circumstances import Circumstances, Present, is_confirmable


@pytest.mark.parametrize("who", [Present.PARTNER, Present.RELATIVE_INTERPRETING])
def test_nothing_is_confirmed_before_a_partner_or_through_a_relative(who: Present):
    """Serious Crime Act 2015 s.76: who is controlled does not say so before who controls them."""
    interpreter = Present.PROFESSIONAL_INTERPRETER

    assert not is_confirmable(Circumstances(present=frozenset({who})))
    assert not is_confirmable(Circumstances(present=frozenset({who, interpreter})))


def test_an_interpreter_who_is_not_said_to_be_one_may_be_a_relative():
    """UK GDPR Art. 4(11): consent is informed, so it was understood."""
    professional = frozenset({Present.PROFESSIONAL_INTERPRETER})

    assert not is_confirmable(Circumstances(interpreted_into="pl"))
    assert is_confirmable(Circumstances(interpreted_into="pl", present=professional))


@pytest.mark.parametrize("who", [(), (Present.ALONE,), (Present.OTHER_RELATIVE,)])
def test_alone_or_with_a_grandmother_it_is_confirmed(who: tuple[Present, ...]):
    """Somebody is often there, and most help."""
    assert is_confirmable(Circumstances(present=frozenset(who)))
