"""Commands that bring data in: files, mailboxes, folders, parked messages, partner systems.

In: paths, folders, and partners' names and keys.
Out: a row for each message: what became of it and why; the partners with all but their secrets.
Rule: reading and publishing are in `services.workers.files.reading`; who may send what is in
`services.interfaces.partners.onboarding`.
"""
