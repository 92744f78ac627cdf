"""Encryption at rest: `keys` reads the keys, `files` seals recordings, `copies` opens them for a decoder, `values`
seals what lies in the store. Without a key everything is written as it is, by the same calls.
"""
