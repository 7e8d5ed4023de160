"""One entry: what a service is, what is found of it, and who may write it.

In: a document in the shape of Open Referral UK 3.0, from a feed or from a form.
Out: the same document made safe to publish (`Entry`), or which field is wrong and how.
Rule: `checking.check_service` says what is wrong, `facts.entry_of` what is searched.
"""
