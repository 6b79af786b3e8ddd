# make run   set up, load the demo on first use, serve at http://127.0.0.1:8000
# make test  set up, then every test on both databases with a real browser
# make check what a commit must pass
PORT ?= 8000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check setup setup-dev messages lock migrations benchmarks clean

run: setup
	@exec $(BIN)/weiduan serve --demo --host $(HOST) --port $(PORT)

setup:
	@tools/setup run

setup-dev:
	@tools/setup dev

check: setup-dev
	@tools/check

test: setup-dev
	@tools/setup services
	@tools/test

messages: setup-dev
	@$(BIN)/python tools/messages.py

lock: setup-dev
	@tools/lock

benchmarks: setup-dev
	@for program in benchmarks/*.py; do $(BIN)/python $$program; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
