"""What users feel, measured over HTTP on the real program: families, pages, withdrawals.

In: a data folder of invented families, made by the project's own storing (`families_made.fill_up`).
Out: the document of a bench; none where one answer is wrong, or one read is not on record
(`loading.WrongAnswersError`, `accounts.NotAccountedForError`).
Rule: `client.run` puts the load on from a process of its own and times an open loop from when
each request was due; `cpu.cpu_of_installation` counts every process, and those that have ended.
"""
