"""The OpenAPI document of the interfaces for machines.

In: the applications as FastAPI describes them, and which scopes their guards ask for.
Out: `openapi_document`, with examples (`examples.py`); the published file, served to anybody.
Rule: it tells of nobody, and what it says is what is done: tests send what it allows and forbids.
"""
