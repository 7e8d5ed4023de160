"""What every page stands in: the guard at the door, session, forms, addresses, failures.

In: a request.
Out: a visit with who looks and for what (`visit.Visit`), and a page or a failure in our words.
Rule: no route without a permission (`guard.guarded_router`); a form counts only from a page that
this session was shown (`guard.FormCheck`, `session.form_token`); what is wrong with a form is
told without what was typed (`forms.FormErrors`); headers are in `security_headers.py`.
"""
