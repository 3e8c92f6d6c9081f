# Everything sets itself up: these targets need Python 3.11+, make and the package index.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
# Official clients live apart: their dependencies and ours would drag one another down.
SMARTAPI_VENV ?= .venv-smartapi
KITE_VENV ?= .venv-kite
# Clients that are needed only to record their requests anew; the recordings are kept.
RECORDED = dhanhq upstoxsdk norenapi norenapioauth fyersapi mstockapi

.PHONY: demo test smartapi kite parity check bench brokers clean

demo: $(VENV)/.stamp-demo  ## run the main job on the embedded sandbox, over real TLS
	$(BIN)/openbroker demo

test: $(VENV)/.stamp-test smartapi kite  ## run the test suite
	OPENBROKER_SMARTAPI_PYTHON=$(abspath $(SMARTAPI_VENV)/bin/python) \
		OPENBROKER_KITE_PYTHON=$(abspath $(KITE_VENV)/bin/python) \
		OPENBROKER_OFFICIAL="smartapi kite" \
		$(BIN)/python -m pytest

smartapi: $(SMARTAPI_VENV)/.stamp-smartapi  ## set up Angel One's official client beside ours

kite: $(KITE_VENV)/.stamp-kite  ## and Zerodha's

parity: $(VENV)/.stamp-test $(foreach c,$(RECORDED),.venv-$(c)/.stamp-$(c))  ## ask every other official client again what it sends
	OPENBROKER_OFFICIAL="$(RECORDED)" $(BIN)/python -m pytest tests/counterpart -m recorded

check: $(VENV)/.stamp-dev  ## lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/.stamp-dev  ## measure side by side with peers; writes docs/*benchmarks*.md
	$(BIN)/python -m benchmarks

brokers: $(VENV)/.stamp-demo  ## write the table of brokers into README
	$(BIN)/python -m openbroker.capability_table README.md

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "openbroker needs Python 3.11 or later; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.stamp-demo: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e '.[cli,sandbox]'
	touch $@

$(VENV)/.stamp-test: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e '.[test]'
	touch $@ $(VENV)/.stamp-demo

$(VENV)/.stamp-dev: $(VENV)/bin/python pyproject.toml
	$(PIP) install -e '.[dev]'
	touch $@ $(VENV)/.stamp-demo $(VENV)/.stamp-test

# An official client's environment: what requirements-<client>.txt lists, and a stamp.
define official
$(1)/.stamp-$(2): tests/counterpart/requirements-$(2).txt
	$(PYTHON) -m venv --clear $(1)
	$(1)/bin/python -m pip --disable-pip-version-check --quiet install -r $$<
	touch $$@
endef
$(eval $(call official,$(SMARTAPI_VENV),smartapi))
$(eval $(call official,$(KITE_VENV),kite))
$(foreach c,$(RECORDED),$(eval $(call official,.venv-$(c),$(c))))

clean:
	rm -rf $(VENV) $(SMARTAPI_VENV) $(KITE_VENV) $(RECORDED:%=.venv-%) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
