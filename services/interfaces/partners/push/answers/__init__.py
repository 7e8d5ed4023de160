"""Requests to services in the community whose partners have a system of their own.

In: a caller whose partner answers for somebody of the directory, its answers and reports. Out: the
requests to that one's services, exactly as agreed, while a decision in force covers them. Rule:
`services.interfaces.connections`, which the pages call too; nothing is decided here.
"""
