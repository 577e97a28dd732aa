#!/bin/sh
# An environment for a second reader of COSE (tests/cwt), which needs an older cbor2 than ours. Needs .venv; does nothing
# where all is there already.
set -eu
cd "$(dirname "$0")/../.."

stamp=.venv-cose/.tanu-lock
lock=$(sha256sum requirements-cose.lock)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$lock" ]; then
    rm -rf .venv-cose
    .venv/bin/python -m venv .venv-cose
    .venv-cose/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
        --require-hashes --only-binary :all: --requirement requirements-cose.lock
    printf '%s\n' "$lock" >"$stamp"
fi
