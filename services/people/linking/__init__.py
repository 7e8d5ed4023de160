"""Who is who beyond exact numbers: compare, score, explain, and say when a person must look."""
