# The commands of the project. Each makes the environment first, which takes half a minute once and nothing after.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python

.PHONY: help run demo test lint bench drill format translate lock screenshots clean runtime dev

help:
	@echo "make run     start everything on this machine and open the books of a demo company"
	@echo "make demo    the main job once, without serving: connect a bank, fetch, prove the balances"
	@echo "make test    the whole suite, on PostgreSQL, Redis and Chromium (ARGS=… is handed to pytest)"
	@echo "make lint    every check that runs without starting the project"
	@echo "make bench   how fast the full path is; writes var/bench.json"
	@echo "make drill   faults on purpose: a worker killed in the middle of a fetch, a clock on its own"
	@echo "make screenshots  the pictures of docs/images, taken anew"
	@echo "make format  put the code into its one layout"
	@echo "make translate  the texts of code and templates into the catalogues of every language"
	@echo "make lock    resolve pyproject.toml into the locked requirements again"
	@echo "make clean   remove .venv, caches and everything a run has written"

run: runtime
	@exec $(PY) -m scripts.run

demo: runtime
	@exec $(PY) -m scripts.demo

test: dev
	@exec $(PY) -m scripts.test $(ARGS)

lint: dev
	@exec $(PY) -m scripts.lint

bench: dev
	@exec $(PY) -m scripts.bench $(ARGS)

drill: dev
	@LEDGER_EXAMPLES=$${LEDGER_EXAMPLES:-400} exec $(PY) -m scripts.test tests/drills tests/statements/test_ledger_machine.py $(ARGS)

screenshots: dev
	@exec $(PY) -m scripts.screenshots

format: dev
	@$(PY) -m ruff check -q --fix-only . && $(PY) -m ruff format -q .

translate: dev
	@exec $(PY) -m scripts.translations

lock: dev
	@exec sh scripts/lock.sh

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@sh scripts/ensure_env.sh runtime

dev:
	@sh scripts/ensure_env.sh dev
