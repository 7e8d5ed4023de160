"""Whether a data-sharing agreement covers a question, by the letter: a part of the oracle."""

from datetime import UTC

from consent import AccessRequest, OnRecord, Practitioner
from consent.model import Mode
from schemas.vocabulary import Purpose


def is_agreed(
    request: AccessRequest, practitioner: Practitioner, purpose: Purpose, on_record: OnRecord
) -> bool:
    """Whether the agreement adopted last, if it is valid that day, has a rule for it."""
    by_then = [each for each in on_record.agreements if each.adopted_at <= request.at]
    if not by_then:
        return False
    by_then.sort(key=lambda each: (each.adopted_at, each.agreement.version))
    agreement = by_then[-1].agreement
    today = request.at.astimezone(UTC).date()
    if today < agreement.valid_from or today > agreement.valid_until:
        return False
    for rule in agreement.rules:
        serves_mode = request.mode in rule.modes
        if request.mode is Mode.EXISTENCE and Mode.CONTENT in rule.modes:
            serves_mode = True
        if (
            practitioner.agency in rule.agencies
            and request.category in rule.categories
            and purpose in rule.purposes
            and (request.source in rule.sources or not rule.sources)
            and serves_mode
        ):
            return True
    return False
