"""The seal of a PDF, of which nothing is looked at yet (docs/attacks.md B14)."""

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from issuer.holder import paper
from tests.world import World
from verifier.intake import handed_in


def sealed(pdf: bytes, sub_filter: str) -> bytes:
    """A paper under a seal that nobody should trust: of a kind from before SHA-2, and of nothing at all."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        signature = file.make_indirect(
            Dictionary(
                Type=Name.Sig,
                Filter=Name("/Adobe.PPKLite"),
                SubFilter=Name(f"/{sub_filter}"),
                Contents=String(b"\x00" * 64),
                ByteRange=Array([0, 100, 200, 300]),
            )
        )
        field = file.make_indirect(Dictionary(FT=Name.Sig, T=String("Seal"), V=signature, Kids=Array([])))
        file.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        file.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["adbe.x509.rsa_sha1", "adbe.pkcs7.sha1"])
@pytest.mark.xfail(strict=True, reason="the seal of a PDF is not looked at: paper check 10 is not built yet")
def test_B14_weak_seal(kind: str, world: World) -> None:
    """SHA-1, and a range that does not cover the file: what is handed in under it is not valid."""
    file = sealed(paper(world.office, world.issue().code), kind)
    assert world.verify(handed_in(file)).verdict != "valid"
