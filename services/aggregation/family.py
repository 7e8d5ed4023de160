"""The family as one practitioner may see it: who they are, to the child, and who lives where."""

from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.records.payloads import Address, Period, RelationshipKind, Telecom
from services.aggregation.claims import AddressClaim, Claim, NameClaim, Provenance, TelecomClaim
from services.aggregation.responsibility import Responsibility

_NOT_STATED = Period()


@dataclass(frozen=True, slots=True, repr=False)
class PersonView:
    """A person of the family: the child who was opened first, then outward, youngest first.

    `relation` is None for the child who was opened, and for a child of an adult who was. `names`
    is empty when no source named them. `date_of_birth`, `sex`, `expected_date_of_birth` and `died`
    are the first of the claims below, which stand side by side where sources differ.
    `location_protected`: the viewer may see where they are and must tell nobody; whoever may not
    see it is not told either that there is anything to protect.
    """

    id: PersonId
    relation: RelationshipKind | None
    names: tuple[NameClaim, ...]
    date_of_birth: str | None
    sex: str | None
    expected_date_of_birth: str | None
    died: str | None
    placeholder_name: bool
    addresses: tuple[AddressClaim, ...]
    telecoms: tuple[TelecomClaim, ...]
    location_protected: bool
    dates_of_birth: tuple[Claim[str], ...] = ()
    sexes: tuple[Claim[str], ...] = ()
    expected_dates_of_birth: tuple[Claim[str], ...] = ()
    dates_of_death: tuple[Claim[str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class RelativeView:
    """What one source says of somebody related to the child. None in a flag means: not stated.

    `has_responsibility` is False for every foster carer; `responsibility` says the same in words.
    """

    kind: RelationshipKind
    name: str | None
    telecoms: tuple[Telecom, ...]
    has_responsibility: bool | None
    same_household: bool | None
    languages: tuple[str, ...]
    person: PersonId | None
    provenance: Provenance
    responsibility: Responsibility = Responsibility.NOT_STATED
    period: Period = _NOT_STATED
    addresses: tuple[Address, ...] = ()
    is_current: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class KinView:
    """Somebody around the child, as all sources together tell of them: claims side by side.

    `person` is set where the person is known by more than a mention. A source that states nothing
    of responsibility or household makes no claim to it. `is_current` is False where every source
    that names them gives an end that has passed.
    """

    person: PersonId | None
    kinds: tuple[Claim[RelationshipKind], ...]
    names: tuple[Claim[str], ...]
    responsibility: tuple[Claim[Responsibility], ...]
    same_household: tuple[Claim[bool], ...]
    telecoms: tuple[TelecomClaim, ...]
    addresses: tuple[AddressClaim, ...]
    languages: tuple[Claim[tuple[str, ...]], ...]
    is_current: bool


@dataclass(frozen=True, slots=True, repr=False)
class HouseholdMember:
    """Who lives in a household, and who says so; `name` is that by which somebody is mentioned."""

    person: PersonId | None
    name: str | None
    kind: RelationshipKind | None
    provenances: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True, repr=False)
class HouseholdView:
    """Who lives under one roof, as sources say; a child may belong to two.

    `address` is None where sources say who lives with the child and none says where. `use` is the
    source's word for the place: home, placement, father's home.
    """

    address: Address | None
    use: str
    is_the_childs: bool
    members: tuple[HouseholdMember, ...]
