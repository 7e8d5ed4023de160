"""What is said of ages: the same to every parent of a child of that age, whatever is on record."""

from services.people.family_access.ages import NextChange


def change_said(change: NextChange | None) -> str | None:
    """What comes next for a parent, before it does."""
    if change is None:
        return None
    if change.hides_all:
        return (
            f"When a young person is {change.at}, this page is theirs. "
            "You do not see them here any more."
        )
    return (
        f"When a child is {change.at}, you see less here. "
        "Young people start to choose for themselves."
    )
