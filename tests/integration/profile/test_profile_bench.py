"""The families of `bench profile` are families: each is read like the first, and only by itself."""

import pytest

from deploy.bench.copied_families import add_families, count_records, id_in
from deploy.bench.one_family import RECORDS, VISITOR, make_family
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose, Source
from services.profile.model import Profile
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, unit_of_work

pytestmark = pytest.mark.postgres


def test_a_copied_family_is_read_whole_and_under_ids_of_its_own(outside: Outside):
    """A hundred records of four persons, sealed under their own keys."""
    likeness = make_family(outside)

    add_families(outside, likeness, range(1, 4), tell=lambda _: None)

    assert count_records(outside) == 4 * RECORDS
    own = {id_in(2, place) for place in range(len(likeness.ids))}
    profile = _read(outside, PersonId(id_in(2, 0)))
    assert len(profile.people) == 4
    assert {person.id for person in profile.people} <= own
    assert len(profile.timeline) == 72


def _read(outside: Outside, child: PersonId) -> Profile:
    order = ReadProfile(child, VISITOR, "practitioner", Source.HEALTH_VISITING, Purpose.DIRECT_CARE)
    with unit_of_work(outside) as work:
        answer = read_profile(order, reading=work.reading())
    assert isinstance(answer, Profile)
    return answer
