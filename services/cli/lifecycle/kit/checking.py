"""What a new council still lacks before families are in it, each with what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from schemas.vocabulary import Role
from services.audit.integrity.backups import backup_state_of, backups_stand
from services.audit.integrity.standing import Stands, WatchedPart
from services.cli.lifecycle.kit.policy import Policy
from services.platform.settings import Settings

_TWO = 2
_FEWEST = {
    Role.INFORMATION_GOVERNANCE: _TWO,
    Role.CONFIRMING_OFFICER: _TWO,
    Role.ADMINISTRATOR: _TWO,
    Role.DATA_STEWARD: 1,
}
_NAMED = {
    "council_name": "the council's own name stands on every page and paper",
    "council_address": "receipts say where the council is",
    "council_contact": "families are told whom to write to",
    "privacy_notice": "families are told where the notice is",
    "notice_version": "each decision keeps which notice the family had",
    "storage_location": "receipts say where data is kept",
    "ledger_origin": "the ledger is known elsewhere by this name, which cannot be changed later",
    "sign_in_contact": "who has no account is told whom to ask",
}


@dataclass(frozen=True, slots=True)
class KitItem:
    """One thing that has to be true, whether it is, and what to do where it is not."""

    code: str
    is_met: bool
    what: str
    do: str


def what_lacks(policy: Policy, now: datetime) -> list[KitItem]:
    """All of them, met or not, in the order of going live."""
    return [
        *_agreed(policy, now),
        *_told(policy.settings),
        *_staffed(policy),
        *_connected(policy),
        *_opened(policy.settings),
        *_safe(policy, now),
    ]


def _agreed(policy: Policy, now: datetime) -> Iterator[KitItem]:
    found = policy.agreement
    is_own = found is not None and not policy.is_standard_agreement
    adopt = "tell-once agreement adopt FILE, confirmed by another officer"
    yield KitItem("agreement", is_own, "an agreement of your own is in force", adopt)
    ends = found is not None and found.valid_until > (now + timedelta(days=90)).date()
    yield KitItem("agreement-lasts", ends, "it lasts for at least 90 more days", adopt)
    has_parties = found is not None and bool(found.parties)
    yield KitItem("agreement-parties", has_parties, "its parties are named in it", adopt)
    own_rules = policy.settings.retention_rules is not None
    rules = "set retention_rules to rules that your records manager has signed (runbook 008)"
    yield KitItem("retention", own_rules, "retention rules are your own", rules)


def _told(settings: Settings) -> Iterator[KitItem]:
    for name, why in _NAMED.items():
        is_set = getattr(settings, name) not in ("", Settings.model_fields[name].default)
        yield KitItem(name.replace("_", "-"), is_set, why, f"set {name} (runbook 000)")


def _staffed(policy: Policy) -> Iterator[KitItem]:
    for role, fewest in _FEWEST.items():
        count = policy.staff.get(role, 0)
        what = f"{fewest} or more: {role.label} (there are {count})"
        do = "tell-once staff add, accepted by another (runbook 016-staff)"
        yield KitItem(f"role-{role}", count >= fewest, what, do)
    is_set = policy.settings.sign_in is not None
    do = "set sign_in, then try it: tell-once sign-in check (runbook 017)"
    yield KitItem("sign-in", is_set, "staff sign in by a provider of the council's", do)


def _connected(policy: Policy) -> Iterator[KitItem]:
    do = "tell-once feed register, confirmed by another (runbook 013)"
    yield KitItem("feeds", bool(policy.feeds), "a way in is registered for some agency", do)
    settings = policy.settings
    can_write = bool(settings.smtp_host or settings.sms_gateway_url)
    do = "set smtp_host or sms_gateway_url, then send yourself a code"
    yield KitItem("messages", can_write, "codes and letters to families can be sent", do)
    has_alarm = bool(settings.alarm_number or settings.alarm_webhook)
    do = "set alarm_number or alarm_webhook (runbook 018)"
    yield KitItem("alarms", has_alarm, "somebody outside hears of what is off", do)


def _opened(settings: Settings) -> Iterator[KitItem]:
    """Each further door has the name by which it is reached, and a number to ring."""
    doors = {
        "family": (settings.family_port, settings.family_url, settings.family_telephone),
        "answering": (settings.answering_port, settings.answering_url, settings.answering_worry),
    }
    for name, (port, url, ring) in doors.items():
        is_named = not port or (url.startswith("https://") and bool(ring))
        runbook, number = (("027", "telephone"), ("029", "worry"))[name == "answering"]
        do = f"set {name}_url with https and {name}_{number} (runbook {runbook})"
        what = f"the {name} door is shut, or has a name and a number to ring"
        yield KitItem(f"door-{name}", is_named, what, do)
    hears = not settings.answering_port or settings.bounces_folder is not None
    do = "set smtp_return_path and bounces_folder (runbook 029)"
    yield KitItem("bounces", hears, "mail to partners that comes back is noticed", do)
    is_tls = settings.tls_certificate is not None
    do = "deploy/container/make-certificates, then set tls_certificate and tls_key (runbook 021)"
    yield KitItem("tls-behind", is_tls, "what goes from the proxy to the program goes by TLS", do)
    is_seen = bool(settings.metrics_port)
    do = "set metrics_port and have Prometheus read deploy/prometheus/alerts.yaml"
    yield KitItem("metrics", is_seen, "somebody sees when a part is late", do)


def _safe(policy: Policy, now: datetime) -> Iterator[KitItem]:
    settings = policy.settings
    is_real = not policy.is_demonstration and settings.environment == "production"
    do = "begin with an empty database, by serve or migrate, and TELL_ONCE_ENVIRONMENT=production"
    yield KitItem("production", is_real, "it is no demonstration", do)
    is_tls = settings.public_url.startswith("https://") and settings.cookie_secure
    do = "a proxy with TLS in front (runbook 021), public_url with https, cookie_secure as it is"
    yield KitItem("tls", is_tls, "pages are reached by TLS alone", do)
    do = "agree with another organisation, then set ledger_witnesses (runbook 004)"
    yield KitItem("witness", bool(settings.ledger_witnesses), "somebody else witnesses it", do)
    state: Path = backup_state_of(settings.data, settings.backup_state)
    for found in backups_stand(state, now):
        is_made = found.part is WatchedPart.BACKUP
        what = "a backup was made in time" if is_made else "a backup was restored as a test in time"
        do = "tell-once backup make, nightly" if is_made else "tell-once restore elsewhere, monthly"
        is_well = found.stands is Stands.WHOLE
        yield KitItem(str(found.part), is_well, what, f"{do} (runbook 025)")
