"""The door in other languages: the same released words as receipts, chosen without script.

In: `Phrase` sentences and the templates' own text (`in_templates`). Out: what a page says, by
`DoorWords`. Rule: nothing is guessed; what nobody released is English, and marked as that
(services.portal.decisions.receipts.languages).
"""
