"""Who is answered what, at every door: the rules of the design, asked of the doors themselves.

In: roles, standings, persons and doors. Out: deploy/access.md, and where a door answers otherwise.
Rule: what is expected comes from the design (expected.py), never from the code that is walked.

  .venv/bin/python -m tests.support.access walk [--json]
  .venv/bin/python -m tests.support.access write
"""
