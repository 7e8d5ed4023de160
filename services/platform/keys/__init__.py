"""Keys: what each person's data is sealed under, where keys live, and how they are forgotten.

In: content to seal, identifiers to hash.
Out: ciphertext (`sealing.JweSealer`, `sealing.seal_at_rest`), opaque ids (`hashing.KeyedHasher`).
Rule: the contract is `vault.KeyVault`: data keys are wrapped under a key that never leaves it.
`files.FileKeyVault` keeps it in files of mode 0600, and a destroyed key is zeros on the disk
(`files_secrets.ErasableSecrets`); `pkcs11.Pkcs11KeyVault` keeps it in a token; `place.KeysPlace`
says which. Wrapped keys lie in the rows of persons (`postgres.PersonKeys`).
"""
