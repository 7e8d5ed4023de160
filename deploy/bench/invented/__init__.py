"""Messages of invented children in the sources' own formats, as many as a bench or test needs.

In: how many, and a seed; the same seed gives the same bytes.
Out: NEMS messages (`health_visiting.generate_messages`), a Common Transfer File
(`schools.generated_ctf`), social care payloads (`social_care.generated_csc`).
Rule: nobody in them lives: NHS numbers are of the 999 range, UPNs of authority 999.
"""
