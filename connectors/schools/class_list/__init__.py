"""A school's class list, as text or a workbook, becomes one message a child.

In: a file with a header, and when it came, because a list has no date (`reader.read_class_list`).
Out: a source message for each row, or the row and column that cannot be read, never the value.
Rule: `mapper.source_message_from_row` says what is read of a row, `headers.columns_in` what schools
call the columns; the text is cut and its cells are checked as those of every list
(`connectors.parsing.tables`). Parents are people to ring: a list claims no responsibility.
"""
