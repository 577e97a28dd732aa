#!/bin/sh
# Node.js and the npm packages of tests/node. Needs .venv; leaves the path of the node to use in .venv/node-path.
# Does nothing where all is there already.
set -eu
cd "$(dirname "$0")/../.."

recent() {
    "$1" -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null
}

# npm has to be there too; in Debian it is a package of its own.
if recent node && npm --version >/dev/null 2>&1; then
    node=$(command -v node)
else
    node=$PWD/.venv/bin/node
    PATH=$PWD/.venv/bin:$PATH
    recent "$node" || .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet \
        --require-hashes --only-binary :all: --requirement requirements-node.lock
fi
printf '%s\n' "$node" >.venv/node-path

stamp=tests/node/node_modules/.tanu-lock
lock=$(sha256sum tests/node/package.json tests/node/package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$lock" ]; then
    (cd tests/node && npm ci --loglevel=error)
    printf '%s\n' "$lock" >"$stamp"
fi
