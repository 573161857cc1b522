#!/bin/sh
# Resolves pyproject.toml into the two locked sets with hashes; requirements-dev.txt holds all of requirements.txt.
set -eu
cd "$(dirname "$0")/.."
lock() {
  "$(command -v uv || echo .venv/bin/uv)" pip compile --quiet --generate-hashes --no-header --python-version 3.11 "$@"
}
lock pyproject.toml -o requirements.txt
lock pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
