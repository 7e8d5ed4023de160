"""Pages of exports: the list of all, and the form that makes one.

In: a form that was shown to this session. Out: the file, and how far each has come
(`words.export_lines`). Rule: an export is entered before its first row, in
`services.audit.exports.exporting.begin_export`.
"""
