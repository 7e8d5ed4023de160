"""`tell-once partner add|rotate|client|suspend|resume|confirm|list|show`: who may send and ask."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.registry import ROWS
from schemas.vocabulary import Source
from services.bootstrap import DatabaseRole, opened
from services.cli.operator import operator, tell_order
from services.cli.orders import owned
from services.cli.output import REFUSED, print_document, settings_from
from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.oauth.clients import PublicKey, keys_from_jwks, keys_from_pem
from services.interfaces.partners.officers.admitting import (
    Change,
    ResumePartner,
    answer_change,
    ask_change,
)
from services.interfaces.partners.officers.explaining import (
    Explaining,
    ask_to_explain,
    confirm_explaining,
    end_explaining,
    explaining,
)
from services.interfaces.partners.onboarding import (
    ASKS_FOR,
    USUAL_PACE,
    AddPartner,
    Given,
    NameClient,
    Onboarding,
    RotateCredentials,
    end_client,
    onboarding,
    partner_entry,
    suspend_at_once,
)
from services.interfaces.partners.ports import (
    CredentialKind,
    KnownAs,
    Pace,
    PartnerEntry,
    PartnerId,
    Scope,
    scope_of,
)
from services.people.governance.orders import NotTheirs, Order, OrderStatus

# A partner as commands tell it: everything but secrets.


def partner_document(entry: PartnerEntry) -> dict[str, Any]:
    """The partner for --json."""
    partner = entry.partner
    return {
        "client_id": partner.id,
        "scopes": sorted(scope.value for scope in partner.scopes),
        "la_code": partner.la_code,
        "agencies": sorted(partner.agencies),
        "answers_for": partner.answers_for,
        "per_second": partner.pace.per_second,
        "burst": partner.pace.burst,
        "added_at": entry.added_at.isoformat(),
        "suspended_at": _time(partner.suspended_at),
        "known_as": [{"issuer": one.issuer, "client": one.client} for one in entry.known_as],
        "credentials": [
            {
                "kind": credential.kind.value,
                "kid": credential.kid,
                "added_at": credential.added_at.isoformat(),
                "valid_until": _time(credential.valid_until),
            }
            for credential in entry.credentials
        ],
    }


def partner_line(entry: PartnerEntry) -> str:
    """The partner in a line."""
    partner = entry.partner
    state = "suspended" if partner.suspended_at else "may come in"
    keys = [str(c.kid) for c in entry.credentials if c.kind is CredentialKind.PUBLIC_KEY]
    what = ", ".join(sorted(scope.value for scope in partner.scopes))
    asks_for = f"; asks for: {', '.join(sorted(partner.agencies)) or 'no agency'}"
    return (
        f"{partner.id}: {state}; {what}{asks_for if ASKS_FOR & partner.scopes else ''}; "
        f"keys: {', '.join(keys) or 'none'}; secrets: {len(entry.credentials) - len(keys)}"
        + "".join(f"; known to {one.issuer} as {one.client}" for one in entry.known_as)
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


_ADD = """
Lets a partner system in, once another officer has confirmed it (partner confirm). A secret is made
then, told once and cannot be told again. Among invented families one command is both.

  tell-once partner add northfield-csc --source social-care --la-code 999 --public-key key.pem
  tell-once partner add brookside-mis --source schools --secret
  tell-once partner add northfield-gateway --scope access:evaluate --agency RY4 --jwks keys.json
  tell-once partner add northfield-ehr --scope families:read --agency RY4 --public-key key.pem
  tell-once partner add parents-together --scope community.write --answers-for parents-together \
      --public-key key.pem
"""
_ROTATE = """
Gives a partner new keys or a new secret, once another officer has confirmed it; the old ones go on
for the overlap from then.

  tell-once partner rotate northfield-csc --public-key new.pem --overlap 48
  tell-once partner rotate northfield-csc --secret --overlap 0
"""
_CLIENT = """
Says as which client a provider of sign-in knows a partner (its client_id there): tokens that the
provider made for that client, about its own practitioner, are those that the partner may bring to
show them a family. Another officer has to confirm it (partner confirm); --end takes it back at
once. The issuer is written as the file of providers has it.

  tell-once partner client northfield-ehr --issuer https://login.example/TENANT/v2.0 --client ehr
  tell-once partner client northfield-ehr --issuer https://login.example/TENANT/v2.0 --client ehr \\
      --end
"""
_CONFIRM = """
Carries out what another officer asked for with add, rotate, client or resume, within 14 days;
--decline ends it.

  tell-once partner confirm ORDER
"""
_EXPLAIN = """
Lets a partner be told why something may not be seen (access:explain), with two officers: one
asks, and another one, under a system account of their own, confirms within 14 days. Either ends it.

  tell-once partner explain ask northfield-gateway
  tell-once partner explain confirm northfield-gateway
  tell-once partner explain end northfield-gateway
"""
_SCOPES = [scope.value for scope in Scope if scope is not Scope.ACCESS_EXPLAIN]
_SOURCES = [row.command_word for row in ROWS if row.pushed is not None]


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `partner`."""
    partner = commands.add_parser("partner", help="partner systems: who may send and ask")
    verbs = partner.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_add(verbs, common)
    rotate = _verb(verbs, common, "rotate", _rotate, _ROTATE)
    rotate.add_argument("--overlap", type=float, default=24.0, metavar="HOURS")
    _add_credentials(rotate)
    client = _verb(verbs, common, "client", _client, _CLIENT)
    client.add_argument("--issuer", required=True, metavar="ADDRESS", help="the provider's issuer")
    client.add_argument(
        "--client", required=True, metavar="ID", help="the partner's client_id there"
    )
    client.add_argument("--end", action="store_true", help="it may bring them no more, at once")
    for name, run, about in (
        ("suspend", _suspend, "Shuts a partner out at once, with the tokens that it has."),
        ("resume", _resume, "Lets a suspended partner in again, once another officer confirms it."),
        ("show", _show, "One partner: what it may do, its keys, since when."),
    ):
        _verb(verbs, common, name, run, about)
    confirm = _verb(verbs, common, "confirm", _confirm, _CONFIRM, named="order")
    confirm.add_argument("--decline", action="store_true", help="it is not to be done")
    _add_explain(verbs, common)
    listing = verbs.add_parser("list", parents=[common], help="All partners.")
    listing.set_defaults(run_command=_list)


def _add_add(verbs: Any, common: argparse.ArgumentParser) -> None:
    add = _verb(verbs, common, "add", _add, _ADD)
    add.add_argument("--source", action="append", default=[], choices=_SOURCES)
    add.add_argument("--scope", action="append", default=[], choices=_SCOPES)
    add.add_argument(
        "--answers-for", metavar="CODE", help="who of the directory it answers requests for"
    )
    add.add_argument("--la-code", metavar="NNN", help="the one authority whose children it sends")
    add.add_argument(
        "--agency",
        action="append",
        default=[],
        metavar="CODE",
        help="with families:read or access:evaluate: one of those for whose practitioners it asks",
    )
    add.add_argument("--per-second", type=float, default=USUAL_PACE.per_second)
    add.add_argument("--burst", type=int, default=USUAL_PACE.burst)
    _add_credentials(add)


def _add_explain(verbs: Any, common: argparse.ArgumentParser) -> None:
    explain = verbs.add_parser(
        "explain",
        help="who is told reasons: two officers grant it",
        description=_EXPLAIN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = explain.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, run, about in (
        ("ask", _explain_ask, "Ask that a partner be told reasons."),
        ("confirm", _explain_confirm, "Grant what another officer asked for."),
        ("end", _explain_end, "Tell it no reasons any more, at once."),
    ):
        _verb(steps, common, name, run, about)


def _add_credentials(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--public-key", type=Path, metavar="FILE", help="PEM, the public half")
    parser.add_argument("--jwks", type=Path, metavar="FILE", help="JSON Web Key (Set)")
    parser.add_argument("--secret", action="store_true", help="make a secret and tell it once")


def _verb(
    verbs: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Any,
    about: str,
    *,
    named: str = "name",
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about.strip().splitlines()[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told = {"name": "lower-case words: northfield-csc", "order": "as it was told to who asked"}
    parser.add_argument(named, metavar=named.upper(), help=told[named])
    parser.set_defaults(run_command=run)
    return parser


def _add(args: argparse.Namespace) -> int:
    sources = [Source(source) for source in args.source]
    scopes = {Scope(scope) for scope in args.scope} | {
        scope for source in sources if (scope := scope_of(source)) is not None
    }
    command = AddPartner(
        name=args.name,
        scopes=frozenset(scopes | ({Scope.DISPOSITIONS_READ} if sources else set())),
        la_code=args.la_code,
        pace=Pace(args.per_second, args.burst),
        keys=_keys(args),
        with_secret=args.secret,
        agencies=frozenset(args.agency),
        answers_for=args.answers_for,
    )
    return _ask(args, command)


def _rotate(args: argparse.Namespace) -> int:
    command = RotateCredentials(
        PartnerId(args.name), timedelta(hours=args.overlap), _keys(args), args.secret
    )
    return _ask(args, command)


def _client(args: argparse.Namespace) -> int:
    command = NameClient(PartnerId(args.name), KnownAs(args.issuer, args.client))
    if not args.end:
        return _ask(args, command)
    with _book(args) as book:
        return _tell_given(args, end_client(command, onboarding=book))


def _suspend(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        outside = application.outside(DatabaseRole.OWNER)
        entry = suspend_at_once(outside, PartnerId(args.name), by=operator())
    print_document(args, partner_document(entry), plain=partner_line(entry))
    return 0


def _resume(args: argparse.Namespace) -> int:
    return _ask(args, ResumePartner(PartnerId(args.name)))


def _confirm(args: argparse.Namespace) -> int:
    with owned(args) as work:
        found = answer_change(args.order, by=operator(), confirms=not args.decline, work=work)
    if isinstance(found, OnboardingError):
        raise found
    return _tell_change(args, found)


def _ask(args: argparse.Namespace, change: Change) -> int:
    with owned(args) as work:
        found = ask_change(change, by=operator(), work=work)
    return _tell_change(args, found)


def _show(args: argparse.Namespace) -> int:
    with _book(args) as book:
        entry = partner_entry(PartnerId(args.name), book)
    print_document(args, partner_document(entry), plain=partner_line(entry))
    return 0


def _list(args: argparse.Namespace) -> int:
    with _book(args) as book:
        entries = book.registry.all()
    plain = "\n".join(map(partner_line, entries)) or "There is no partner."
    print_document(args, {"partners": [partner_document(entry) for entry in entries]}, plain=plain)
    return 0


def _explain_ask(args: argparse.Namespace) -> int:
    with _explaining(args) as ports:
        order = ask_to_explain(PartnerId(args.name), by=operator(), explaining=ports)
    document = {"partner": args.name, "order": order.id, "status": order.status.value}
    told = "It is told reasons from now on."
    if order.status is OrderStatus.ASKED:
        document["lapses_at"] = order.lapses_at.isoformat()
        told = f"Another officer has to confirm it by {order.lapses_at:%Y-%m-%d}."
    print_document(args, document, plain=told)
    return 0


def _explain_confirm(args: argparse.Namespace) -> int:
    with _explaining(args) as ports:
        answered = confirm_explaining(PartnerId(args.name), by=operator(), explaining=ports)
    if isinstance(answered, NotTheirs):
        refused = {"partner": args.name, "refused": True, "because": answered.value}
        print_document(args, refused, plain=f"Refused: the order {answered.value}.")
        return REFUSED
    document = {"partner": args.name, "order": answered.id, "status": answered.status.value}
    print_document(args, document, plain="It is told reasons from now on.")
    return 0


def _explain_end(args: argparse.Namespace) -> int:
    with _explaining(args) as ports:
        ended = end_explaining(PartnerId(args.name), by=operator(), explaining=ports)
    told = "It is told no reasons any more." if ended else "It was told none."
    print_document(args, {"partner": args.name, "ended": ended}, plain=told)
    return 0


@contextmanager
def _explaining(args: argparse.Namespace) -> Iterator[Explaining]:
    with owned(args) as work:
        yield explaining(work)


@contextmanager
def _book(args: argparse.Namespace) -> Iterator[Onboarding]:
    with (
        opened(settings_from(args)) as application,
        onboarding(application.outside(DatabaseRole.OWNER), by=operator()) as book,
    ):
        yield book


def _keys(args: argparse.Namespace) -> Sequence[PublicKey]:
    keys: list[PublicKey] = []
    if args.public_key is not None:
        keys += keys_from_pem(_content("public-key", args.public_key))
    if args.jwks is not None:
        keys += keys_from_jwks(_content("jwks", args.jwks))
    return keys


def _content(place: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OnboardingError(place, f"cannot-be-read: {type(error).__name__}") from None


def _tell_change(args: argparse.Namespace, found: Given | Order | NotTheirs) -> int:
    if isinstance(found, Given):
        return _tell_given(args, found)
    return tell_order(args, found, verb="partner")


def _tell_given(args: argparse.Namespace, given: Given) -> int:
    document = partner_document(given.entry)
    lines = [partner_line(given.entry)]
    if given.old_until is not None:
        document["old_until"] = given.old_until.isoformat()
        lines.append(f"What it had before holds until {given.old_until:%Y-%m-%d %H:%M} UTC.")
    if given.secret is not None:
        document["client_secret"] = given.secret
        lines.append(f"Its secret, told this once: {given.secret}")
    print_document(args, document, plain="\n".join(lines))
    return 0
