"""Partners in the community: who answers for a church's group or a charity, and how to reach them.

In: a registration by two hands: at least two people, insurance, a safeguarding lead.
Out: how a partner stands now, and whether a family may be offered what it does.
Rule: `model.PartnerStanding.may_be_offered`; a registration lasts a year and is then confirmed
anew, or the partner is offered to nobody. Who people are is sealed.
"""
