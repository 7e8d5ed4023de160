"""A school's class list, as text or a workbook, becomes one message a child.

In: a file with a header, and when it came, because a list has no date (`reader.read_class_list`).
Out: a source message for each row, or the row and column that cannot be read, never the value.
Rule: `mapper.source_message_from_row` says what is read of a row; `rows.RowsOfText` cuts the file,
so that no row can spoil the next; `cells.without_faults` leaves out what is not of its form.
Parents are people to ring: a list claims no responsibility.
"""
