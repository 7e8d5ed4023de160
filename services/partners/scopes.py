"""What a partner system may be allowed to do: the scopes of its access tokens (RFC 6749, 3.3)."""

from schemas.vocabulary import LabelledCode, Source


class Scope(LabelledCode):
    """One thing that a partner may do."""

    EVENTS_HEALTH_VISITING = "events:health-visiting", "Send what health visiting records"
    EVENTS_SCHOOLS = "events:schools", "Send what schools record"
    EVENTS_SOCIAL_CARE = "events:social-care", "Send what children's social care records"
    DISPOSITIONS_READ = "dispositions:read", "See what became of what it sent itself"
    ACCESS_EVALUATE = "access:evaluate", "Ask whether a practitioner may see something"
    FAMILIES_READ = "families:read", "Show a family to a practitioner whom the token names"


_OF_SOURCE = {
    Source.HEALTH_VISITING: Scope.EVENTS_HEALTH_VISITING,
    Source.SCHOOLS: Scope.EVENTS_SCHOOLS,
    Source.SOCIAL_CARE: Scope.EVENTS_SOCIAL_CARE,
}
PUSHING = frozenset(_OF_SOURCE.values())
"""The scopes that let a partner send events of one source."""


def scope_of(source: Source) -> Scope | None:
    """The scope that sending events of this source takes; None where nobody may send them."""
    return _OF_SOURCE.get(source)
