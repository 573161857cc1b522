#!/bin/sh
# Makes .venv hold exactly the locked packages: "runtime" or "dev". Does nothing when they are there already.
set -eu
cd "$(dirname "$0")/.."
set_name=${1:-runtime}
case $set_name in
  runtime) locked=requirements.txt ;;
  dev) locked=requirements-dev.txt ;;
  *) echo "ensure_env.sh: say runtime or dev." >&2; exit 2 ;;
esac
venv=.venv
# requirements-dev.txt holds all of requirements.txt, so the dev set is also the runtime set.
stamp="$venv/.installed-$set_name"
for done_stamp in "$stamp" "$venv/.installed-dev"; do
  case $done_stamp in *dev) of=requirements-dev.txt ;; *) of=$locked ;; esac
  if [ -x "$venv/bin/python" ] && [ "$(cat "$done_stamp" 2>/dev/null)" = "$(cksum < "$of")" ]; then
    exit 0
  fi
done

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if is_new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  echo "banksync needs Python 3.11 or newer and found $(python3 -V 2>/dev/null || echo none): install it, or name it with PYTHON=/path/to/python3." >&2
  exit 1
}

mkdir -p var/log
log="$PWD/var/log/install.log"

quietly() {
  if ! "$@" >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "The packages could not be installed; the whole story is in var/log/install.log." >&2
    exit 1
  fi
}

if ! is_new_enough "$venv/bin/python"; then
  python=$(find_python)
  if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "$python lacks its venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)." >&2
    exit 1
  fi
  rm -rf "$venv"
  quietly "$python" -m venv "$venv"
fi

echo "Installing the locked packages into .venv (once, about half a minute)…"
[ -n "$(command -v uv || true)" ] || [ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install -q uv >>"$log" 2>&1 || true
uv=$(command -v uv || true)
[ -n "$uv" ] || uv="$venv/bin/uv"
# uv brings certificates of its own; behind a company's gateway only the machine's are right.
export UV_SYSTEM_CERTS=true
if ! "$uv" pip install -q --python "$venv/bin/python" --require-hashes -r "$locked" >>"$log" 2>&1; then
  quietly "$venv/bin/python" -m pip install -q --require-hashes -r "$locked"
fi
cksum < "$locked" > "$stamp"
