"""The specimen institutions and their offices' files: real input, invented people.

`python -m tanu.demo.write_files` writes the files again from `tanu.demo.content`, byte for byte the same.
"""

FILES: dict[str, tuple[str, str]] = {
    "certification-list.xlsx": ("MicroCredentialCertificate", "specimen-university"),
}
"""File → (kind, institution), in the order of issuing: a supplement needs its parent."""
