"""The paper: a document as an A4 PDF that carries the signed JSON. Home of reportlab, qrcode and pikepdf."""
