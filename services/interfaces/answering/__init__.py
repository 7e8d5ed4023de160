"""Partners without a system answer: by mail that says nothing, a link, and a code.

In: requests that a family agreed to send (`services.interfaces.connections`), who answers for a
partner (`services.people.community`).
Out: mail and sessions (`links`); pages, an application of its own beside the portal and never
within it, with its own port, cookie and session (`door`); and what is due (`keeping`).
Rule: a link that was fetched has changed nothing; what a page shows is asked anew each time.
"""
