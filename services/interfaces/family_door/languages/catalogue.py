"""What translators are given of the door: every sentence of its pages, in English."""

from collections.abc import Sequence

from services.interfaces.family_door.keeping.words import keeping_words
from services.interfaces.family_door.languages.in_templates import template_sentences
from services.interfaces.family_door.looking.words import month_names
from services.interfaces.family_door.words import parts_of_words

SENTENCES = (
    "You",
    "Your child",
    "Your child ({number})",
    "You have not said yes here.",
    "Not by you",
    "Can see: {parts}.",
    "Can see nothing.",
    "Cannot see: {parts}.",
    "You said yes on {day}.",
    "You said no on {day}.",
    "You cannot turn this off here. You can ask us why.",
    "The council",
    "{service}, lead worker",
    "Saw: nothing. We said no.",
    "Saw: {parts}.",
    "Why: they may not look.",
    "Why: you said yes on {day}.",
    "Why: to keep a child safe. We have checked it since.",
    "Why: they work with your family.",
    "Why: it is their own work.",
    "You asked us about a look. We will answer here by {day}.",
    "We looked into it. Ring us to hear more.",
    "a worker you named",
    "nothing",
    "Pick yes or no.",
    "That did not work. Look at the 6 numbers.",
    "That did not work. Look at the 6 numbers and your birthday.",
    "{month} {year} ({count})",
    "We cannot find that page",
    "Something went wrong",
)
"""Those of Python; of templates they are read."""


def door_words() -> Sequence[str]:
    """Everything that the pages say, each once."""
    python = (*SENTENCES, *parts_of_words(), *month_names(), *keeping_words())
    return tuple(dict.fromkeys((*template_sentences(), *python)))
