"""The paper: a document as an A4 PDF that carries the signed JSON. Home of reportlab, qrcode and pikepdf."""

TEMPLATE = "1"
"""The version of how a paper is set; part of the profile that an intent records."""
