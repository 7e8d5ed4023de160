"""`tell-once words list|release|show`: receipts and families' own pages in other languages."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.uk_time import uk_day
from services.cli.output import print_document, settings_from
from services.interfaces.family_door.languages.catalogue import door_words
from services.platform.clock import SystemClock
from services.portal.decisions.receipts.languages import (
    Language,
    all_words,
    list_to_translate,
    release,
    words_in,
)

_LIST = """
Prints what receipts and families' own pages say, as a list for a translator (CSV: English,
Translation), with what was released already. Words in braces stay as they are.

  tell-once words list pl > polish.csv
"""
_RELEASE = """
Puts the translations of a list in force, instead of those before; what is left out is shown in
English. Whoever is named answers for every one of them: a machine's guess is nobody's word.

  tell-once words release pl polish.csv --by "Helen Marsh"
"""
_STAND = """
Says of each language how many of its words are released.

  tell-once words stand
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `words` and its verbs; each sets `run_command`."""
    words = commands.add_parser("words", help="receipts and families' pages in other languages")
    verbs = words.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = _verb(verbs, common, "list", _LIST)
    _language(listed)
    listed.set_defaults(run_command=run_list)
    released = _verb(verbs, common, "release", _RELEASE)
    _language(released)
    released.add_argument("file", type=Path, metavar="FILE", help="the list, filled in")
    released.add_argument("--by", required=True, metavar="NAME", help="who answers for the words")
    released.set_defaults(run_command=run_release)
    _verb(verbs, common, "stand", _STAND).set_defaults(run_command=run_stand)


def _verb(verbs: Any, common: argparse.ArgumentParser, name: str, told: str) -> Any:
    return verbs.add_parser(
        name,
        parents=[common],
        help=told.strip().partition(".")[0],
        description=told,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _language(parser: argparse.ArgumentParser) -> None:
    codes = [language.value for language in Language]
    parser.add_argument("language", choices=codes, help="its code")


def _everything() -> Sequence[str]:
    return tuple(dict.fromkeys((*all_words(), *door_words())))


def run_list(args: argparse.Namespace) -> int:
    """Print the list."""
    sys.stdout.write(
        list_to_translate(settings_from(args).data, Language(args.language), _everything())
    )
    return 0


def run_release(args: argparse.Namespace) -> int:
    """Release what the list has."""
    language, today = Language(args.language), uk_day(SystemClock().now())
    listed = args.file.read_text(encoding="utf-8-sig")
    count = release(
        settings_from(args).data, language, listed, by=args.by, on=today, words=_everything()
    )
    document = {"language": language.value, "released": count, "of": len(_everything())}
    plain = f"{count} of {len(_everything())} are shown in {language.own_name} from now on"
    print_document(args, document, plain=plain)
    return 0


def run_stand(args: argparse.Namespace) -> int:
    """Say how many are released."""
    data = settings_from(args).data
    found = {one.value: len(words_in(data, one).released) for one in Language}
    plain = "\n".join(f"{name}: {count} of {len(_everything())}" for name, count in found.items())
    print_document(args, found, plain=plain)
    return 0
