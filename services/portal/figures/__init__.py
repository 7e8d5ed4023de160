"""Figures for service managers: counts of their services, with small ones hidden; no record.

In: nothing but a month. Out: the same tables as the auditors' (`services.audit.figures`), of other
measures. Rule: `services.audit.figures.suppression`.
"""
