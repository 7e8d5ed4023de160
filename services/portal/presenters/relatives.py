"""What sources say about how somebody is related to the child."""

from collections.abc import Iterable

from schemas.records.payloads import Telecom
from services.aggregation.profile import Provenance, RelativeView
from services.portal.presenters.cards import Card, Fact, Row, absent, claims_row, said_by
from services.portal.presenters.communication import languages_in_words
from services.portal.presenters.names import NO_NAME, kind_in_words
from services.portal.presenters.telephones import NO_TELEPHONE, telecom_in_words, telecom_link


def relation_claims(stated: Iterable[RelativeView]) -> list[tuple[str, Provenance]]:
    """Write each source's statement: who they are, responsibility, household."""
    return [
        ("; ".join((kind_in_words(r.kind), _responsibility(r), _household(r))), r.provenance)
        for r in stated
    ]


def relative_card(relative: RelativeView) -> Card:
    """Make a card for somebody whom a source mentions without saying more."""
    note = said_by(relative.provenance)
    name = Fact(relative.name, note) if relative.name else absent(NO_NAME)
    rows = [
        Row("Name", (name,)),
        claims_row("Who they are", relation_claims([relative]), NO_NAME),
        Row("Telephone", _telephones(relative.telecoms, note)),
    ]
    if relative.languages:
        rows.append(Row("Communication", (Fact(languages_in_words(relative.languages), note),)))
    kind = kind_in_words(relative.kind)
    return Card(relative.name or f"{kind}, name not given", tuple(rows))


def _responsibility(relative: RelativeView) -> str:
    if relative.has_responsibility is None:
        return "parental responsibility not stated"
    if relative.has_responsibility:
        return "has parental responsibility"
    return "does not have parental responsibility"


def _household(relative: RelativeView) -> str:
    if relative.same_household is None:
        return "household not stated"
    return "same household" if relative.same_household else "another household"


def _telephones(telecoms: tuple[Telecom, ...], note: str) -> tuple[Fact, ...]:
    facts = tuple(Fact(telecom_in_words(t), note, telecom_link(t)) for t in telecoms)
    return facts or (absent(NO_TELEPHONE),)
