"""Facts that persons are compared by, as JSON to be sealed; and what tells one set from another."""

import orjson

from connectors.publishing.ports import ToldSubject
from schemas.vocabulary import IdentifierScheme
from services.people.linking.facts import LinkFacts
from services.platform.keys.hashing import KeyedHasher

_KEY_BYTES = 16
_NOTHING, _NEXT = "\x1e", "\x1d"


def document_from_facts(facts: LinkFacts) -> bytes:
    """JSON; what is not known is left out."""
    stated = {
        "given": sorted(facts.given_names),
        "family": sorted(facts.family_names),
        "born": facts.date_of_birth,
        "postcode": facts.postcode,
        "address": facts.address,
        "numbers": facts.numbers,
        "former": facts.former_numbers,
        "stated": facts.stated_number,
        "order": facts.birth_order,
    }
    return orjson.dumps({name: value for name, value in stated.items() if value})


def facts_from_document(document: bytes) -> LinkFacts:
    """Back from document_from_facts."""
    stated = orjson.loads(document)
    return LinkFacts(
        given_names=frozenset(stated.get("given", ())),
        family_names=frozenset(stated.get("family", ())),
        date_of_birth=stated.get("born"),
        postcode=stated.get("postcode"),
        address=stated.get("address"),
        numbers=_numbers(stated.get("numbers", ())),
        former_numbers=_numbers(stated.get("former", ())),
        stated_number=stated.get("stated"),
        birth_order=stated.get("order"),
    )


def facts_key(told: ToldSubject, hasher: KeyedHasher) -> bytes:
    """A keyed hash of what was told, as it was written: the same again is nothing new.

    This is asked of every subject of every message, so nothing is brought into one spelling.
    """
    subject, who = told.subject, told.subject.demographics
    parts = [
        *(f"{i.scheme.value}:{i.status.value}:{i.value}" for i in subject.identifiers),
        _NEXT,
        who.family_name or _NOTHING,
        *who.given_names,
        _NEXT,
        who.date_of_birth or _NOTHING,
        who.postcode or _NOTHING,
        "placeholder" if who.placeholder_name else "",
    ]
    if told.details is not None:
        details = told.details
        parts += (details.known_as or _NOTHING, details.known_as_family or _NOTHING)
        parts.append(str(details.multiple_birth_order))
    if told.contact is not None:
        parts += (a.lines[0] for a in told.contact.addresses if a.lines and a.use == "home")
    return hasher.digest("facts", *parts)[:_KEY_BYTES]


def _numbers(pairs: list[tuple[str, str]]) -> tuple[tuple[IdentifierScheme, str], ...]:
    return tuple((IdentifierScheme(scheme), value) for scheme, value in pairs)
