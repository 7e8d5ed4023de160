"""What others than staff in the portal use: partners, families, auditors' tools, the public.

In: requests over HTTP, each door with its own guard and nobody else's session. Out: JSON, FHIR,
pages and problem documents. Rule: no rule of sharing is here; each door asks `decide` through the
use cases below it. `servers.py` puts the doors behind their ports, `health.py` says whether they
can work, `publishing_openapi.py` writes what they promise.
"""
