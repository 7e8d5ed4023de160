"""Commands of auditors: what they ask, what they review, what they take away."""
