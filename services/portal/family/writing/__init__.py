"""The pages on which practitioners write help wanted, next steps, and that they are involved.

In: forms with few words, who helps, a day, a number of work (`form`). Out: what stands on a
family's pages, in words (`words`), and forms filled in with it. Rule: who may write and change what
is in `services.profile.story.support`; nothing that was typed is lost (`pages`).
"""
