"""A local authority's children in need census becomes one message a child.

In: the XML of a census, as it comes, however many children it has (`reader.read_census`).
Out: a source message for each child, and a refusal for each item that cannot be read.
Rule: `child.CensusChild` says what is sound of a child; `header.header_from_element` says whose
census it is and of when. There are no names and no addresses in a census: a child is known by the
authority's number and the UPN. The latest census counts; what it does not repeat is gone.
"""
