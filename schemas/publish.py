"""Writes `schemas/published/kinds` from the kinds, and the digests of all files there (`make schemas`).

A published version never changes: where the model of a kind changes after a release, its version grows.
"""

import hashlib
import json
from pathlib import Path

from schemas.kinds.table import PUBLISHED as SHAPES

PUBLISHED = Path(__file__).parent / "published"


def generated() -> dict[str, bytes]:
    """Path below `published` → the bytes that the kinds make today."""
    files = {}
    for kind in SHAPES.values():
        files[f"kinds/{kind.name}-{kind.version}.context.json"] = _written(kind.generate_context())
        files[f"kinds/{kind.name}-{kind.version}.schema.json"] = _written(kind.generate_schema())
    return files


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def main() -> None:
    """Writes the files and their index."""
    files = generated()
    (PUBLISHED / "kinds").mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        (PUBLISHED / path).write_bytes(data)
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
    (PUBLISHED / "index.json").write_bytes(_written(digests))


if __name__ == "__main__":
    main()
