"""What children's social care sends about a child becomes records, also where only changes come.

In: payloads of the children's social care API, in files or pushed bodies (`reader.read_csc`).
Out: a source message for each child: who they are, referrals, workers, plans, placements.
Rule: `mapper.source_message_from_child`; an episode and what is in it: `episodes.episode_records`.
What cannot be read of a child is a message of its own, and the rest is one (`sifting.sifted`).
A field that is not there says nothing; beginning and end are two records (`fields.dated_records`).
Of an adopted child no new name, number or place is ever told beside the old ones.
"""
