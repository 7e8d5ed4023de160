"""What whoever runs the service sees of it: metrics, alive, ready, traces. Codes and numbers only.

In: what processes count (`metrics.Metrics`), and what the database tells when it is asked
(`postgres_measured.Measuring`).
Out: a port of their own for metrics and health (`showing.shown`, `requests.counting`), and whether
a part can do its work (`postgres_usable.what_lacks`).
Rule: every metric and every value of its labels stands in `metrics.METRICS`; there is no other.
"""
