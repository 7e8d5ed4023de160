"""What the running policy says, as the papers of a council need it."""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.agreement import Agreement, in_force
from schemas.vocabulary import Role
from services.bootstrap import Application, DatabaseRole
from services.lifecycle.retention.rules import RetentionRule, RetentionRules
from services.platform.settings import Settings
from services.work import unit_of_work


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings, the agreement that is in force, who there is and what comes in."""

    settings: Settings
    agreement: Agreement | None
    retention: RetentionRules
    agencies: Sequence[str]
    staff: dict[Role, int]
    feeds: Sequence[str]
    is_demonstration: bool

    @property
    def is_standard_agreement(self) -> bool:
        """Whether it is the one that is there to try things out."""
        return self.agreement is not None and self.agreement.version.startswith("standard-")


def running_policy(application: Application) -> Policy:
    """Read it, in one transaction, as the owner; nothing of it is about a family."""
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        adopted = [adoption.adopted for adoption in work.agreements.adoptions()]
        found = in_force(adopted, work.now)
        return Policy(
            application.settings,
            found,
            application.retention,
            [agency.name for agency in work.directory.agencies()],
            {role: work.directory.count_of(role) for role in Role},
            [f"{feed.source.label}: {feed.agency}" for feed in work.feeds.all()],
            work.is_demonstration,
        )


def agreement_lines(agreement: Agreement) -> list[str]:
    """Each rule as a sentence."""
    lines = []
    for rule in agreement.rules:
        who = ", ".join(sorted(one.label for one in rule.agencies))
        what = "; ".join(sorted(one.label for one in rule.categories))
        why = ", ".join(sorted(one.label for one in rule.purposes))
        whence = ", ".join(sorted(one.label for one in rule.sources)) or "every source"
        lines.append(f"{who} may receive, for {why}, from {whence}: {what}")
    return lines


def retention_lines(rules: RetentionRules) -> list[str]:
    """Each rule as a sentence."""
    return [_kept(rule) for rule in rules.rules]


def _kept(rule: RetentionRule) -> str:
    what = "; ".join(sorted(one.label for one in rule.categories))
    whence = ", ".join(sorted(one.label for one in rule.sources))
    told = f"{whence}: {what}. At most {rule.at_most.months} months after it was last said"
    if rule.after_end is not None:
        told += f", {rule.after_end.months} months after what it says ended"
    if rule.until_age is not None:
        told += f", until the year of the child's birthday {rule.until_age} is over"
    return f"{told}. {rule.because}".strip()
