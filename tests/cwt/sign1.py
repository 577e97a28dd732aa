"""Opens and makes COSE_Sign1 with cwt, in the environment of tests/setup/cose.sh.

    .venv-cose/bin/python tests/cwt/sign1.py < orders.ndjson > answers.ndjson

An order is one line: {"name", "jwk", "message"} to verify, or {"name", "jwk", "headers", "payload"} to sign; bytes are
in hexadecimal, the headers are pairs of label and value. The answer is {"name", "verified", "headers", "payload"} or
{"name", "message"}.
"""

import json
import sys
from typing import Any

from cwt import COSE, COSEKey

LABELS_OF_BYTES = {4}
"""kid is a byte string."""


def verified(order: dict[str, Any]) -> dict[str, Any]:
    key = COSEKey.from_jwk(order["jwk"])
    try:
        headers, _, payload = COSE.new().decode_with_headers(bytes.fromhex(order["message"]), key)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return {"name": order["name"], "verified": False, "error": f"{type(error).__name__}: {error}"}
    shown = [[label, value.decode() if isinstance(value, bytes) else value] for label, value in sorted(headers.items())]
    return {"name": order["name"], "verified": True, "headers": shown, "payload": payload.hex()}


def signed(order: dict[str, Any]) -> dict[str, Any]:
    key = COSEKey.from_jwk(order["jwk"])
    headers = {label: value.encode() if label in LABELS_OF_BYTES else value for label, value in order["headers"]}
    message = COSE.new().encode_and_sign(bytes.fromhex(order["payload"]), key, protected=headers)
    return {"name": order["name"], "message": message.hex()}


for line in sys.stdin:
    each = json.loads(line)
    print(json.dumps(verified(each) if "message" in each else signed(each)))
