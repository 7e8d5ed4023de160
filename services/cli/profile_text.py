"""A profile in plain lines, for a terminal."""

from collections.abc import Iterator

from services.aggregation.profile import Profile


def text_of(profile: Profile) -> str:
    """The profile, a line a fact, with where each comes from."""
    return "\n".join(_lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"Person {profile.child} for {profile.purpose.label}"
    for person in profile.people:
        name = person.names[0] if person.names else None
        words = [*name.given_names, name.family_name or ""] if name else ["no name recorded"]
        born = person.date_of_birth or "not recorded"
        yield f"  {person.relation or 'child'}: {' '.join(words).strip()}, born {born}"
    for relative in profile.relatives:
        yield f"  {relative.kind}: {relative.name or 'not named'}"
    for practitioner in profile.practitioners:
        yield (
            f"  {practitioner.service}: {practitioner.practitioner_name or 'nobody named'}, "
            f"{practitioner.telephone or 'no telephone number recorded'}"
        )
    for view in profile.story:
        yield f"  told by {view.entry.told_by}: {view.entry.text}"
    for entry in profile.timeline:
        yield f"  {entry.date or 'no date'}: {entry.occurrence.title}"
    for plan in profile.plans:
        yield f"  plan: {plan.plan.title} from {plan.plan.period.start or 'not recorded'}"
    for source in profile.sources:
        yield f"  {source.source.label}: {source.state.label}"
