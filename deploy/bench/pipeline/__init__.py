"""Benches of the way from a file to the profile: where its CPU goes, how long it takes, at rest.

In: invented messages of health visiting, in a data folder of its own (`steady.pipeline`).
Out: documents of figures: `where.bench_where`, `visible.bench_visible`, `idle.bench_idle`,
`scale.bench_scale`.
Rule: `steady.Pipeline` says when a message counts as accepted and as visible;
`capacity.Place` says how many come where.
"""
