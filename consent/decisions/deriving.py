"""What a decision that shares rests on in law, filled in where whoever recorded did not say it.

What was said stands, whether or not it goes together: that is judged in `recording`.
"""

from dataclasses import replace
from datetime import datetime

from consent.lawfulness import law_of, usual_review
from consent.model import RecordDecision, Response


def with_derived_law(
    order: RecordDecision, *, now: datetime, notice_version: str | None
) -> RecordDecision:
    """The order with its Art. 9 condition, gateway, notice version and day of review.

    `notice_version` is the newest of the privacy notice that families are given. A no needs no
    law: it is recorded as it was said.
    """
    if order.response is not Response.GIVEN:
        return order
    law = law_of(order.basis, order.categories, order.purposes)
    told = order.circumstances
    if law.needs_notice and told.notice_version is None:
        told = replace(told, notice_version=notice_version)
    is_open = order.until is None and order.review_at is None
    return replace(
        order,
        article_9=order.article_9 or law.article_9,
        gateways=order.gateways or law.gateways,
        review_at=usual_review(now) if is_open else order.review_at,
        circumstances=told,
    )
