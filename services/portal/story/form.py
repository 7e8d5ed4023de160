"""Reading of what was said, by whom, about whom, and whom the family keeps it to."""

from collections.abc import Collection

from schemas.identifiers import PersonId
from schemas.records.published import KeptTo, kept_to_category
from schemas.vocabulary import SERVICES_HERE, Category
from services.portal.frame.forms import FormErrors, Submitted
from services.profile.story.reading import Colleague
from services.profile.story.writing import ToldStory

MAX_TEXT = 4000
MAX_NAME = 100

KEEP_SERVICES = "keep-services"
KEEP_PEOPLE = "keep-people"
KEEP_CATEGORIES = "keep-categories"
CARRIED = (
    "told-by",
    "text",
    "with-whom",
    "about",
    KEEP_SERVICES,
    KEEP_PEOPLE,
    KEEP_CATEGORIES,
)
"""The fields that are sent again once what they say was shown."""


def read_told(
    submitted: Submitted, errors: FormErrors, colleagues: Collection[Colleague] = ()
) -> ToldStory:
    """Read what was said and whom it is about and kept to; note what is wrong with it.

    `colleagues` are those whom the form offers by name. Whether whoever writes may know of those
    whom it is about is for the service to say.
    """
    told_by = read_name(submitted, errors, "told-by", "Who said it", "Enter who said it")
    text = submitted.text("text")
    if not text:
        errors.add("text", "Enter what the family said")
    elif len(text) > MAX_TEXT:
        errors.add("text", f"What the family said must be {MAX_TEXT} characters or fewer")
    with_whom = submitted.text("with-whom")
    if len(with_whom) > MAX_NAME:
        errors.add("with-whom", f"Who else was there must be {MAX_NAME} characters or fewer")
    about = tuple(dict.fromkeys(map(PersonId, submitted.chosen("about"))))
    kept_to = read_kept_to(submitted, errors, colleagues)
    return ToldStory(text, told_by, with_whom or None, about, kept_to)


def read_name(
    submitted: Submitted, errors: FormErrors, name: str, subject: str, missing: str
) -> str:
    """Read who said something: "Mum", not a record of anybody."""
    text = submitted.text(name)
    if not text:
        errors.add(name, missing)
    elif len(text) > MAX_NAME:
        errors.add(name, f"{subject} must be {MAX_NAME} characters or fewer")
    return text


def read_kept_to(
    submitted: Submitted, errors: FormErrors, colleagues: Collection[Colleague]
) -> frozenset[KeptTo]:
    """Read whom it is kept to, if to anybody; what was not offered is a mistake, never nothing."""
    services = frozenset(submitted.chosen(KEEP_SERVICES))
    people = frozenset(submitted.chosen(KEEP_PEOPLE))
    categories = frozenset(submitted.chosen(KEEP_CATEGORIES))
    marks = frozenset(
        [
            *(f"agency:{source}" for source in SERVICES_HERE if source in services),
            *(f"practitioner:{one.id}" for one in colleagues if one.id in people),
            *(kept_to_category(c) for c in keepable_categories() if c in categories),
        ]
    )
    if len(marks) != len(services) + len(people) + len(categories):
        errors.add(KEEP_SERVICES, "Select those to whom they keep it from the list")
    return marks


def keepable_categories() -> tuple[Category, ...]:
    """What an entry may be closely about: seldom the parts that every profile begins with."""
    return (
        Category.CHILD_HEALTH,
        Category.EDUCATION,
        Category.EARLY_HELP,
        Category.SOCIAL_CARE,
        Category.SAFEGUARDING,
    )
