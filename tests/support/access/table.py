"""deploy/access.md: what every door answers, and what each database role may do with each table."""

from collections.abc import Iterator, Mapping, Sequence

from schemas.vocabulary import OPENS_FAMILY_RECORDS, Role
from tests.support.access.commands import (
    AS_THE_SYSTEM_ACCOUNT,
    IN_SOMEBODYS_NAME,
    IN_SOMEBODYS_NAME_ANYWHERE,
    OF_NO_FAMILY,
    CommandGroup,
)
from tests.support.access.doors import BY_SCOPE, DOORS, FOR_MONITORS
from tests.support.access.expected import expected, parts_shown
from tests.support.access.model import Case, Door, Doors, Part, Person, Standing

Grants = Mapping[str, Mapping[str, str]]
"""By table what each database role may do with it."""

_HEAD = """# Who is answered what

Generated: `.venv/bin/python -m tests.support.access write`. What stands here follows from the rules
of the design; `walk` in its place asks every door of a real installation and prints where one
answers otherwise. CI walks so much of it that every two of door, standing and person meet.

Down the side is what somebody has to do with the person asked about, across the top what is on
record about that person. "Works with families" are practitioners and lead practitioners."""
_COMMANDS = """## Commands that are not walked

A command speaks for a practitioner (`--as`) **where families are invented, and nowhere else**: in a
folder that is not a demonstration it is refused before anything is looked up, whoever is named, and
the try is entered. The exceptions are named below; of those that are walked, `decide`,
`restriction list` answers where families are real too: what narrows must not wait for staff
sign-in. Every other command acts as `operator:ACCOUNT`
and is entered. A test holds this list, and the one above, to every command that there is."""
_SORTS: Sequence[tuple[str, Sequence[CommandGroup]]] = (
    ("In somebody's name, in a demonstration only", IN_SOMEBODYS_NAME),
    ("In somebody's name, where families are real too", IN_SOMEBODYS_NAME_ANYWHERE),
    ("As the system account: they open no family records", AS_THE_SYSTEM_ACCOUNT),
    ("They touch no family's records", OF_NO_FAMILY),
)


def access_table(grants: Grants) -> str:
    """The whole page."""
    return "\n".join(
        [_HEAD, "", *_parts(), *_doors(), *_commands(), *_by_scope(), *_tables(grants)]
    )


def _parts() -> Iterator[str]:
    """What of a shared person each standing is shown."""
    yield "## What is shown, where anything is\n"
    yield from _row("", *Part)
    yield from _row(*["---"] * (len(Part) + 1))
    for standing in Standing:
        shown = parts_shown(Case(DOORS[0], Role.PRACTITIONER, standing, Person.SHARED))
        yield from _row(standing.label, *("yes" if part in shown else "" for part in Part))
    yield ""


def _doors() -> Iterator[str]:
    for doors in Doors:
        yield f"## {doors.label}\n"
        alike: dict[tuple[str, ...], list[Door]] = {}
        for door in DOORS:
            if door.doors is doors:
                alike.setdefault(_answers(door), []).append(door)
        for same in alike.values():
            yield from _section(same)


def _answers(door: Door) -> tuple[str, ...]:
    """All that it answers, in one order."""
    return tuple(
        expected(Case(door, role, standing, person)).label
        for role in Role
        for standing in Standing
        for person in Person
    )


def _section(doors: Sequence[Door]) -> Iterator[str]:
    """Doors that answer alike, and what."""
    yield from (f"- `{door.name}`" for door in doors)
    yield ""
    door, others = doors[0], [role for role in Role if role not in OPENS_FAMILY_RECORDS]
    works, leads = Role.PRACTITIONER, Role.LEAD_PRACTITIONER
    is_for_leads = _to_role(door, works) != _to_role(door, leads)
    yield from _to_a_role("Practitioner" if is_for_leads else "Works with families", door, works)
    if is_for_leads:
        yield from _to_a_role(leads.label, door, leads)
    told: dict[tuple[str, ...], list[Role]] = {}
    for role in others:
        told.setdefault(_to_role(door, role), []).append(role)
    for roles in told.values():
        yield from _to_a_role(", ".join(role.label for role in roles), door, roles[0])


def _to_role(door: Door, role: Role) -> tuple[str, ...]:
    cases = (Case(door, role, s, p) for s in Standing for p in Person)
    return tuple(expected(case).label for case in cases)


def _to_a_role(who: str, door: Door, role: Role) -> Iterator[str]:
    """One line where a role is always answered the same, else a table."""
    answers = _to_role(door, role)
    if len(set(answers)) == 1:
        yield f"{who}: {answers[0]}.\n"
        return
    yield f"{who}:\n"
    yield from _row("", *(person.label for person in Person))
    yield from _row(*["---"] * (len(Person) + 1))
    for standing in Standing:
        said = (expected(Case(door, role, standing, person)).label for person in Person)
        yield from _row(standing.label, *said)
    yield ""


def _commands() -> Iterator[str]:
    """Those that are not walked, sort by sort, and what each answers."""
    yield f"{_COMMANDS}\n"
    for title, groups in _SORTS:
        yield f"### {title}\n"
        for group in groups:
            named = ", ".join(f"`{command}`" for command in group.commands)
            yield f"- **{group.title}** ({named}). {group.answers}"
        yield ""


def _by_scope() -> Iterator[str]:
    """Interfaces that tell of no family: by what the partner's token is for."""
    yield "## Interfaces that tell of no family\n"
    yield from (f"- `{name}`" for name in BY_SCOPE)
    yield "\nBy the scope of the partner's token (runbook 005); no practitioner asks there.\n"
    yield from (f"- `{name}`" for name in FOR_MONITORS)
    yield "\nWithout a token, for whoever watches the ledger: hashes and signatures alone.\n"


def _tables(grants: Grants) -> Iterator[str]:
    """What the catalogue says, so that a grant that nobody meant is seen where it is made."""
    yield "## What each database role may do\n"
    roles = sorted({role for may in grants.values() for role in may})
    yield "S select, I insert, U update, D delete, T truncate; of single columns in brackets.\n"
    yield from _row("table", *(f"`{role}`" for role in roles))
    yield from _row(*["---"] * (len(roles) + 1))
    for table, may in sorted(grants.items()):
        yield from _row(f"`{table}`", *(may.get(role, "") for role in roles))


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"
