"""The two canonical forms that issuing compares: each a pure function of a draft's bytes, so that a second core can
take half of a group (`Parallel`).

`python -m issuer.lint` is that second core: a line in, `linted {…}`, `linted_on_paper {…}` or `reread {…}`; a line out,
the digest, or the refusal in three languages. A document has no line end inside, since JSON writes one as \\n.
"""

import json
import sys
import unicodedata
from collections.abc import Callable, Sequence

from schemas.canonical import rdfc_by_pyoxigraph
from schemas.credential import Credential, check_facts, check_shape
from schemas.errors import Malformed, Refused
from schemas.languages import Text, say
from schemas.reading import read_object

Digest = Callable[[bytes], str]
Parallel = Callable[[Digest, Sequence[bytes]], list[str]]
"""`map` over a group; in one process unless `tanu` brings a second."""


def linted(data: bytes) -> str:
    """SHA-256 of the canonical form of a draft that is in NFC and passes the verifier's own step 2; raises
    `Refused`."""
    return _passed(data).canonical.digest.hex()


def linted_on_paper(data: bytes) -> str:
    """The same, and its paper would say what it says; for what is to be printed at once."""
    from issuer.documents.certificate import check_paper  # a heavy library, for those who print

    credential = _passed(data)
    check_paper(credential)
    return credential.canonical.digest.hex()


def _passed(data: bytes) -> Credential:
    credential = check_shape(data, read_object(data))
    check_facts(credential)
    if not unicodedata.is_normalized("NFC", data.decode()):
        raise Malformed(say("facts.not_nfc"))
    return credential


def reread(data: bytes) -> str:
    """The same by the other reader of JSON-LD, of bytes that `linted` has passed."""
    return rdfc_by_pyoxigraph(json.loads(data)).digest.hex()


def one_by_one(digest: Digest, drafts: Sequence[bytes]) -> list[str]:
    """In this process."""
    return [digest(data) for data in drafts]


DIGESTS: dict[str, Digest] = {digest.__name__: digest for digest in (linted, linted_on_paper, reread)}


def answer(line: bytes) -> bytes:
    """The worker's answer to one line."""
    name, _, data = line.rstrip(b"\n").partition(b" ")
    try:
        return DIGESTS[name.decode()](data).encode()
    except Refused as refused:
        return json.dumps(refused.because.as_json()).encode()


def understood(line: bytes) -> str:
    """The digest in the worker's answer; raises `Refused` as it says."""
    if line.startswith(b"{"):
        raise Refused(Text(**json.loads(line)))
    return line.decode().strip()


def main() -> None:
    """Answers until standard input ends."""
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(answer(line) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
