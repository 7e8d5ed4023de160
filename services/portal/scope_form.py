"""Reading of what a decision is about and on what ground it was made."""

from dataclasses import dataclass

from consent.lawfulness import Article9, Basis, Gateway
from schemas.vocabulary import Category, Purpose, Source
from services.portal.forms import FormErrors, Submitted, read_choice, read_choices
from services.portal.how_form import read_optional

EVERYONE = "everyone"
EVERY_SOURCE = "every-source"


@dataclass(frozen=True, slots=True)
class Scope:
    """About what, to what end, for whom, whose records; empty where the question was not read."""

    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    sources: frozenset[Source]


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal basis, None where it was not read, and what goes with it."""

    basis: Basis | None
    article_9: Article9 | None
    gateways: frozenset[Gateway]


def read_ground(submitted: Submitted, errors: FormErrors) -> Ground:
    """Read the legal basis, and the condition and the laws where any are stated."""
    basis = read_choice(submitted, errors, "basis", Basis, "Select the legal basis")
    condition = read_optional(
        submitted, errors, "article-9", Article9, "Select the condition, or none"
    )
    return Ground(basis, condition, _read_gateways(submitted, errors))


def read_scope(submitted: Submitted, errors: FormErrors) -> Scope:
    """Read what it is about; all services and all sources are choices of their own."""
    categories = read_choices(
        submitted, errors, "categories", Category, "Select the information it is about"
    )
    purposes = read_choices(
        submitted, errors, "purposes", Purpose, "Select what the information may be used for"
    )
    recipients = _read_services(
        submitted, errors, "recipients", EVERYONE, "Select which services it is for"
    )
    sources = _read_services(
        submitted, errors, "sources", EVERY_SOURCE, "Select whose records it is about"
    )
    names = frozenset(f"agency:{source.value}" for source in recipients)
    return Scope(categories, purposes, names, sources)


def _read_gateways(submitted: Submitted, errors: FormErrors) -> frozenset[Gateway]:
    if not submitted.chosen("gateways"):
        return frozenset()
    return read_choices(submitted, errors, "gateways", Gateway, "Select the law, or none")


def _read_services(
    submitted: Submitted, errors: FormErrors, name: str, all_of_them: str, message: str
) -> frozenset[Source]:
    """Read a set of services where all of them is a choice of its own, never a blank."""
    chosen = submitted.chosen(name)
    if chosen == (all_of_them,):
        return frozenset()
    if all_of_them in chosen:
        errors.add(name, f"{message}: either all, or some by name")
        return frozenset()
    return read_choices(submitted, errors, name, Source, message)
