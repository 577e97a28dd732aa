#!/bin/sh
# The Debian packages the tests need. Does nothing where they are there.
set -eu

missing=
# chromium: the browser that playwright drives; libatomic1: what playwright's own driver is linked with.
for package in chromium libatomic1; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "The tests need Debian packages. Run:" >&2
    echo "sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# shellcheck disable=SC2086 # one word per package
apt-get -qq install -y --no-install-recommends $missing
