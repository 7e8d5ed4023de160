"""How things are said on pages: dates, names, telephone numbers, codes, sources, refusals.

In: values of a profile or of a decision.
Out: words, rows, cards and links that templates print.
Rule: nothing is guessed: a year stays a year (`dates.day_in_words`), what is absent is said to be
(`cards.absent`), sources that disagree stand side by side (`cards.side_by_side`), and a refusal
hints at nothing (`frame.why_refused`).
"""
