"""Lists as text, whatever program saved them: which encoding, which cells, in which row.

In: a stream of bytes, and what each column is called and may hold.
Out: rows, and cells by their columns; or row and column that cannot be read, never the value.
Rule: `rows.RowsOfText` cuts the text so that no row can spoil the next, `cells.without_faults`
leaves out what is not of its form, `templates.read_template` reads a list of our own titles.
"""
