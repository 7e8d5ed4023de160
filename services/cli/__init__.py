"""`tell-once`: every command that somebody can type, and what it prints.

In: a command line; each command's module is imported when its name is typed.
Out: a sentence, or a document with --json, on standard output; what went wrong on standard error;
an exit code (`output.exit_code_of`).
Rule: which command is in which module: `commands.build_parser`. Commands build orders and call
use cases; they decide nothing. `serving.py` runs the service, `demonstration.py` fills it.
"""
