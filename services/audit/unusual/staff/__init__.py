"""The list of staff: what a personnel department exports, kept as keyed hashes and days.

Rule: what a line may say is in `staff_list.read_hr_list`; a list is taken in whole
(`importing.import_staff_list`).
"""
