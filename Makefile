# make demo and make test do everything on a fresh machine.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
STAMP := $(VENV)/.installed

.PHONY: demo test lint bench bench-peers docs serve lock help

help: ## Print the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml requirements/dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $(STAMP)

demo: $(STAMP) ## Install, run ALTER-0802 and print where the report is
	$(BIN)/hepatica run studies/alter-0802

test: $(STAMP) ## Install and pass the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

lint: $(STAMP) ## Style, types and import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## Measure, side by side in one run
	$(BIN)/python benchmarks/run_benchmarks.py
	$(BIN)/python benchmarks/pipeline.py

bench-peers: ## Measure estimators beside their peers, in an environment of their own
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --require-hashes -r requirements/peers.txt
	.venv-peers/bin/python benchmarks/survival_peers.py
	.venv-peers/bin/python benchmarks/pooling_peers.py

docs: $(STAMP) ## Run every example of README and docs
	$(BIN)/python -m pytest -q -n 0 README.md docs

serve: $(STAMP) ## Show the report of ALTER-0802 at localhost:8000
	$(BIN)/hepatica run studies/alter-0802
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory studies/alter-0802/output 8000

lock: ## Pin every dependency with its hashes, without a registry's address
	$(BIN)/python requirements/lock.py
