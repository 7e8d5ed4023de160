"""Common Transfer Files of schools become one message a pupil, however large the file is.

In: the XML of a file, versions 17 to 25 of the format (`reader.read_ctf`).
Out: a source message for each pupil: who they are, whom to ring, schools, attendance, support.
Rule: `mapper.source_message_from_pupil`. Attendance is told as a rate and never as marks
(`attendance.attendance_records`); of a child in care the address is protected
(`identity.is_in_care`); what a full file does not repeat holds no longer.
"""
