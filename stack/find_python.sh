#!/bin/sh
# Print the first Python on this machine that the project supports, or the one that is named if it is supported.
# Without one, say so and fail.
# Only sh is needed: this runs before anything else.
SUPPORTED="3.11 3.12 3.13"
suits() {
    "$1" - "$SUPPORTED" 2>/dev/null <<'PYTHON'
import sys
version = "%d.%d" % sys.version_info[:2]
sys.exit(version not in sys.argv[1].split())
PYTHON
}
complete() { "$1" -c 'import ensurepip, venv, ssl, sqlite3' >/dev/null 2>&1; }

named=$1
incomplete=
for python in "${named:-python3}" python3.12 python3.13 python3.11 \
    /usr/local/bin/python3.1[123] /usr/bin/python3.1[123] /opt/homebrew/bin/python3.1[123] \
    "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/3.1[123].*/bin/python3 \
    "${HOME:-/nonexistent}"/.local/share/uv/python/cpython-3.1[123].*/bin/python3; do
    path=$(command -v "$python" 2>/dev/null) || continue
    suits "$path" || continue
    [ -z "$named" ] || [ "$python" = "$named" ] || break
    if complete "$path"; then
        "$path" -c "import sys; print(sys.executable)" # not the shim of a version manager
        exit 0
    fi
    incomplete=${incomplete:-$path}
done
if [ -n "$incomplete" ]; then
    echo "doctor: $incomplete has no module venv, ensurepip, ssl or sqlite3: install its package (Debian: python3-venv)" >&2
else
    found=$("${named:-python3}" --version 2>&1) || found="no ${named:-python3}"
    echo "doctor: found $found; Python 3.11, 3.12 or 3.13 is required: install one (Debian: python3.11-venv)," \
        "or name one with \`make PYTHON=/path/to/python3.12\`" >&2
fi
exit 1
