"""Who of a family may act on these pages: whom a young person lets see theirs, and ways to sign in.

In: a `FamilyVisit`, or a browser that nobody is signed in with. Out: pages of their own folder.
Rule: `ways.FamilySignIn` says what every way in does alike.
"""
