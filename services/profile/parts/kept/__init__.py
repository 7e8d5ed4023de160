"""What was shown, kept sealed from one reading to the next under the keys of all whom it tells of.

Allowed to import: profile's model, ports and merging, platform's keys. Rule: `sealed.Keeping` opens
what is kept only for a reading that has read, decided and dated the very same; `forms` says as what
it is kept. Nothing is kept in the clear.
"""
