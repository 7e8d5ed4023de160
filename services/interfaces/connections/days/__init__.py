"""Working days: by when a request is opened and answered, and the bank holidays left out of them.

In: a moment at which a request was sent, settings, a file of bank holidays with its source.
Out: days, `times.ConnectionTimes`. Rule: pure but for reading that file, once a process.
"""
