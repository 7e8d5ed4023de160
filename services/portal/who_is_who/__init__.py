"""The data steward's pages: pairs of people who may be one, and messages that could not be read.

In: pairs from the queue, and what a steward says of one.
Out: a pair in words: what agrees, what that means, what speaks against (`words.pair_in_words`).
Rule: who may look and answer, and what no steward can overrule, is in
`services.people.linking.stewards_view` and `services.people.linking.queue.answer_review`; of
messages in `services.intake.parked.showing` and `services.intake.parked.answering.answer_parked`.
"""
