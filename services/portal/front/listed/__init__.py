"""Services that we list: a family hub writes any entry of ours, a partner's own people its own.

In: the form of an entry, and what families say is wrong.
Out: an entry in the directory, or one that waits until somebody else agrees.
Rule: `services.interfaces.directory.entries.writing.write_entry` says who may write and what takes
two; nothing here is about a family.
"""
