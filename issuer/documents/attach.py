"""The signed JSON inside the PDF, byte for byte, and the file's title and language."""

import io
from datetime import date

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, String

FILE_NAME = "credential.json"
MEDIA_TYPE = "application/vc"


def attached(pdf: bytes, signed: bytes, *, title: str, language: str, on: date) -> bytes:
    """`pdf` with `signed` as its only embedded file; equal input gives equal bytes."""
    day = f"D:{on:%Y%m%d}000000+05'00'"
    with pikepdf.open(io.BytesIO(pdf)) as file:
        spec = AttachedFileSpec(
            file, signed, description="", filename=FILE_NAME, mime_type=MEDIA_TYPE, creation_date=day, mod_date=day
        )
        spec.relationship = Name.Data
        file.attachments[FILE_NAME] = spec
        file.Root.AF = Array([file.attachments[FILE_NAME].obj])
        file.Root.Lang = String(language)
        file.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        file.trailer.Info = file.make_indirect(
            Dictionary(Title=String(title), Producer=String("Tanu"), CreationDate=String(day), ModDate=String(day))
        )
        out = io.BytesIO()
        file.save(out, min_version="1.7", deterministic_id=True)
    return out.getvalue()
