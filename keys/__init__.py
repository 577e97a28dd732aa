"""Who signed it: keys, DIDs, proofs. The home of `cryptography`; no I/O but for reading and writing key files."""
