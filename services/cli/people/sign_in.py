"""`tell-once sign-in check`: whether the providers' file is in order, and whom a token lets in."""

import argparse
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.cli.output import FAILED, USAGE, print_document, settings_from
from services.people.signing_in.profiles import ClaimRefusal, Stated, admissions, read_claims
from services.people.signing_in.providers import Provider, SignInSettingsError, read_providers
from services.people.signing_in.tokens import seconds_in

_ABOUT = """
Check the file that names the providers of sign-in, as the server does when it starts. With a token
of one of them (or the claims of one, as JSON) say which roles in which agencies it would give, or
what is missing for it. The signature is not checked, and times are held against the token's own:
this is for whoever writes the file. Nothing is kept, and nobody's name is printed.

  tell-once sign-in check                            (the file that TELL_ONCE_SIGN_IN names)
  tell-once sign-in check --token id-token.txt
  tell-once sign-in check --providers sign-in.toml --token id-token.txt
  tell-once sign-in check --providers sign-in.toml --token claims.json --roles roles.json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `sign-in`."""
    parser = commands.add_parser("sign-in", help="the providers by which people sign in")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser(
        "check",
        parents=[common],
        help="whether the file of providers is in order, and whom a token lets in",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("--providers", type=Path, metavar="FILE", help="else the file that is set")
    check.add_argument("--token", type=Path, metavar="FILE", help="an ID token, or its claims")
    check.add_argument("--roles", type=Path, metavar="FILE", help="what the roles API answered")
    check.add_argument("--demonstration", action="store_true", help="take http on this machine")
    check.set_defaults(run_command=_check)


def _check(args: argparse.Namespace) -> int:
    file = args.providers or settings_from(args).sign_in
    if file is None:
        return _unusable(args, "no-file", "No file is named: --providers, or TELL_ONCE_SIGN_IN.")
    try:
        providers = read_providers(file, is_demonstration=args.demonstration)
    except SignInSettingsError as error:
        faults = [{"at": fault.at, "reason": fault.reason} for fault in error.faults]
        plain = "\n".join(f"  {fault}" for fault in error.faults)
        print_document(args, {"valid": False, "faults": faults}, plain=f"Not in order:\n{plain}")
        return FAILED
    if args.token is None:
        names = [provider.name for provider in providers]
        plain = f"In order: {', '.join(names)}."
        print_document(args, {"valid": True, "providers": names}, plain=plain)
        return 0
    return _tell_token(args, providers)


def _tell_token(args: argparse.Namespace, providers: tuple[Provider, ...]) -> int:
    claims = _claims_in(args.token)
    if claims is None:
        return _unusable(args, "token-unreadable", "The file holds no token and no claims.")
    provider = next((one for one in providers if one.issuer == claims.get("iss")), None)
    if provider is None:
        return _unusable(args, "issuer-unknown", "Its issuer is none of the providers'.")
    made = seconds_in(claims, "iat")
    if made is None:
        return _unusable(args, "token-unreadable", "It does not say when it was made (iat).")
    now = datetime.fromtimestamp(made, UTC)
    found = read_claims(claims, provider, now=now, roles=_json_in(args.roles))
    if isinstance(found, ClaimRefusal):
        return _unusable(args, found.value, found.label, provider)
    return _tell_admissions(args, found, provider)


def _tell_admissions(args: argparse.Namespace, found: Stated, provider: Provider) -> int:
    given = admissions(found, provider)
    document: dict[str, object] = {
        "provider": provider.name,
        "roles_stated": sorted(found.roles),
        "organisation": list(found.organisations),
        "admissions": [{"role": one.role.value, "agency": one.agency} for one in given],
    }
    if not given:
        plain = "No rule of the file fits these roles in this organisation."
        stated = f"Stated: {', '.join(sorted(found.roles))} in {', '.join(found.organisations)}."
        print_document(args, {**document, "refused": "not-mapped"}, plain=f"{plain}\n{stated}")
        return FAILED
    plain = "\n".join(f"{one.role.label} in {one.agency}" for one in given)
    print_document(args, document, plain=plain)
    return 0


def _unusable(
    args: argparse.Namespace, code: str, words: str, provider: Provider | None = None
) -> int:
    named = {} if provider is None else {"provider": provider.name}
    print_document(args, {**named, "refused": code}, plain=words)
    return USAGE if provider is None else FAILED


def _claims_in(path: Path) -> dict[str, Any] | None:
    """The claims in a file: of a token in its compact form, or as they are."""
    try:
        text = path.read_text(encoding="ascii").strip()
        if not text.startswith("{"):
            _, payload, _ = text.split(".")
            text = urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        found = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _json_in(path: Path | None) -> object:
    if path is None:
        return None
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
