"""What takes two people, and what somebody has to look at afterwards.

In: an order that one person asks for (`orders.ask`), and another one's answer (`orders.answer`).
Out: the order once it has both hands, for whoever carries it out in the same transaction; and the
queue of what waits for governance (`queue.raise_item`, `queue.close_item`), each with its day.
Rule: the second hand is another human being, not another account (`orders.why_not_theirs`).
"""
