"""What schools send becomes one message a pupil, whatever kind of file it is.

In: transfer files (`ctf`), census returns (`roll`), class lists, text or workbook (`class_list`).
Out: a source message for each pupil. Rule: `files.read_schools` tells them apart by content; XML is
taken apart a pupil at a time (`pupil_stream.read_pupils`).
"""
