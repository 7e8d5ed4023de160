"""A young person lets a parent see their page, and stops it: theirs alone to say.

In: a young person who is signed in, old enough that parents reach nothing by themselves.
Out: rows of who is let see, bound to the ledger; what a parent reaches asks them at every page.
Rule (`letting.let_see`, `letting.stop`): a new code to let somebody see; none to stop it. No
parent is ever told of either.
"""
