"""School census returns become one message a pupil: who is on the roll, and who has left.

In: the XML of a return, which names its school and when it was made (`reader.read_roll`).
Out: a source message for each pupil, by the same keys as the school's transfer files.
Rule: `mapper.source_message_from_roll`. A return is the only file of a school that says by itself
who is on its roll no longer: their school ends on the day that it gives, or on its own at latest.
"""
