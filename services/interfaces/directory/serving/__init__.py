"""What the directory serves: pages for families and workers, and Open Referral UK 3.0 for systems.

In: what somebody looks for, in a form's body and never in an address.
Out: a list and a picture of where things are, whole without script; JSON for anybody.
Rule: `app.create_directory_app` puts them together; neither sets a cookie or knows a person.
"""
