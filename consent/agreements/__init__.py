"""The council's data-sharing agreement is read from its file and adopted, version after version.

In: the JSON file of an agreement (`reading.agreement_from_json`) and who adopts it.
Out: the agreement by which everything is decided from then on, its entry in the ledger, and news
of everybody whom it concerns (`adopting.adopt_agreement`); callers commit.
Rule: what an agreement covers is `consent.agreement.Agreement`; what is wrong with a file is told
by element, never by value. Every version is kept, so that past answers can be given again.
"""
