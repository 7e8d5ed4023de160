"""What goes with an answer or a report, read from a form: a day, what comes next, words of theirs.

Which days there can be is for the use case to say; here it is only whether it is a day.
"""

from typing import Final

from services.interfaces.connections.life import ConnectionChange
from services.interfaces.connections.model import MOST_WORDS
from services.interfaces.connections.telling.said import SaidBeside, StepAhead
from services.portal.frame.forms import FormErrors, Submitted, has_date, read_date

DAY: Final = "on"
WORDS: Final = "words"
STEP: Final = "step"
NO_DAY: Final = "Enter a real day, such as 27 3 2026, or leave it empty if it was today"
NO_SUCH_DAY: Final = "That day is still to come, or before you were asked"
OTHER: Final = "other"


def read_beside(
    form: Submitted, errors: FormErrors, change: ConnectionChange, *, is_other: bool = False
) -> SaidBeside:
    """Read it; what is wrong is noted. `is_other`: what was picked needs words beside it."""
    on = read_date(form, errors, DAY, NO_DAY) if has_date(form, DAY) else None
    step = form.text(STEP)
    if step and step not in set(StepAhead):
        errors.add(STEP, "Pick from the list")
        step = ""
    words = form.text(WORDS).replace("\r\n", "\n")
    if len(words) > MOST_WORDS:
        errors.add(WORDS, f"Use {MOST_WORDS} letters or fewer")
    if not words and (is_other or step == StepAhead.OTHER):
        errors.add(WORDS, "You picked something else. Say what, in a few words")
    is_contact = change is ConnectionChange.CONTACT
    return SaidBeside(
        contacted_on=on if is_contact else None,
        happened_on=None if is_contact else on,
        next_step=StepAhead(step) if step else None,
        words=words,
    )
