"""What a page costs around the reading: the frame, the presenters, the template; in CPU.

In: a family of four persons and a hundred records, and the portal as it is, asked in this process.
Out: milliseconds of CPU of each layer and statements of each call (`measuring.bench_page_cost`).
Rule: layers are told apart by asking the same page of services that answer at once, not by timing
inside it; a profiler would make small functions look dear.
"""
