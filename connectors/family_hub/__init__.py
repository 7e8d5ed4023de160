"""What is written on this service's own pages, published as the records of every source are.

And what comes to a hub in files: registrars' lists of births (`registrations.py`).

In: orders with what was said, of whom and by whom (`story.AddStory`, `support.SaySupport`), or a
file. Out: events in the outbox and entries in the ledger, or the reasons why not. Rule:
`story.add_story` and its neighbours ask `decide` before anything is written; nothing of what is
refused is kept. Who may write what is asked before, in `services.profile.story`.
"""
