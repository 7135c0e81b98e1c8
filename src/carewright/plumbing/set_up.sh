# Sourced by ./run, ./test and ./carewright: makes `.venv` hold exactly what requirements.lock says.
# Needs Python 3.11 or newer with venv, and nothing else. Runs again only when the lock changed.

root=$(cd "$(dirname "$0")" && pwd -P) || exit 2
venv="${CAREWRIGHT_VENV:-$root/.venv}"

_find_python() {
    for name in "${CAREWRIGHT_PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
            printf '%s' "$name"
            return 0
        fi
    done
    echo "Carewright needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module; none was found. On Debian: apt install python3-venv." >&2
    return 1
}

_wanted() { cksum < "$root/requirements.lock"; }

_set_up() {
    [ -f "$venv/carewright-lock" ] && [ "$(cat "$venv/carewright-lock")" = "$(_wanted)" ] && return 0
    python=$(_find_python) || return 2
    (
        # One at a time: a second script waits for the first to finish setting up.
        if command -v flock >/dev/null 2>&1; then
            exec 9> "$root/.set-up.lock" && flock 9
        fi
        [ -f "$venv/carewright-lock" ] && [ "$(cat "$venv/carewright-lock")" = "$(_wanted)" ] && exit 0
        echo "Setting up (once, or when dependencies change): installing into $venv …" >&2
        [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || exit 2
        # uv is quicker; pip does the same from the same lock.
        if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv >/dev/null 2>&1 &&
            VIRTUAL_ENV="$venv" "$venv/bin/uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes "$root/requirements.lock" >/dev/null 2>&1; then
            :
        else
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$root/requirements.lock" || exit 2
        fi
        _wanted > "$venv/carewright-lock"
    ) || {
        echo "Dependencies could not be installed. Check that this machine reaches a Python package index, then run the same command again." >&2
        return 2
    }
}

_set_up || exit 2
# A start reads a thousand files of Python: compiled once and kept, that is a second of work; compiled each time, three more.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPATH="$root/src${PYTHONPATH:+:$PYTHONPATH}"
export DJANGO_SETTINGS_MODULE=carewright.settings
: "${CAREWRIGHT_HOME:=$root/.carewright}"
export CAREWRIGHT_HOME
