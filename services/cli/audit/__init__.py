"""Commands of auditors: what they take away, and checking it.

Rule: an export is entered before its first row leaves (`services.audit.exports.exporting`).
"""
