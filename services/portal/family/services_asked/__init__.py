"""Asking services for a family: finding one, what it would be told, how it stands, stopping it.

In: what a practitioner typed with a family. Out: pages in words, over `services.interfaces
.connections`, which says what may be asked and who sees it.
"""
