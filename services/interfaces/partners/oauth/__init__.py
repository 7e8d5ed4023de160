"""A partner system shows who it is and gets an access token for an hour at most (OAuth 2.0).

In: a token request with a signed assertion or a secret (`tokens.read_token_request`).
Out: an opaque token, told once, of which only a keyed hash is kept; or an error of RFC 6749.
Rule: `clients.authenticate` and `clients.verify_assertion` say who is let in and number the
checks; `tokens.issue_token` says which scopes a token has. Callers are never told why not.
"""
