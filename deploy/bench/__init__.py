"""The benches: how fast this machine decides, publishes, stores, reads and proves.

In: `tell-once bench NAME` with its options (`commands.add_commands`); families are invented.
Out: one JSON document of figures, each with its unit, and ratios against a baseline that was
measured in the same run (`figures.py`).
Rule: one module for each bench, which says what is measured and how. Data folders and databases
are made for a run and gone after it (`world.bench_folder`). Not part of the wheel.
"""
