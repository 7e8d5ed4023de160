"""Links by which somebody answers for a partner: written to their mailbox, opened by a code.

In: a request that is to be brought (`working.bringing`), a link and a code (`coming_in`).
Out: mail that says nothing, a session of 30 minutes for one person and one request.
Rule: a link opens nothing by itself; who may come in is asked anew each time.
"""
