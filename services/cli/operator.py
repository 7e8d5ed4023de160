"""Who runs a command, as the ledger names them: the system account, not what anybody typed."""

import os
import pwd
import re

from consent.ledger.fields import CODE_TEXT


def operator() -> str:
    """`operator:<account>`; an account whose name is no code goes by its number."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name.lower()
    except KeyError:
        name = ""
    return f"operator:{name if re.fullmatch(CODE_TEXT, name) else f'uid-{number:x}'}"
