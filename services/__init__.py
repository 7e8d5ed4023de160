"""All that runs: pages, interfaces, commands and workers, over one database and one bus.

In: settings (`platform.settings.Settings`), from which `bootstrap.opened` builds the application.
Out: what the folders here do, each a capability with its rules, its tables and its words.
Rule: a request or message is one transaction (`work.using.unit_of_work`); state, ledger entry and
news are written in it or none of them. Which folder may import which is in pyproject.toml.
"""
