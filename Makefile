# The commands of this project. Each sets up what it needs; the second time that costs nothing.
.DEFAULT_GOAL := help
.PHONY: run test check bench drill openapi docs screenshots translations help

BIN := .venv/bin
# Two at a time: the suite starts servers and browsers of its own, more would only wait for each other.
PYTEST_ARGS ?= -n 2 --dist worksteal

run: ## set up, load the demo and serve on http://127.0.0.1:8000 (PORT, HOST, DATA_DIR, …: config/.env.example)
	@ops/setup run
	@exec $(BIN)/python -m ops.run

test: ## the whole suite on private MariaDB, Redis and Chromium
	@ops/setup dev
	@ops/packages
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: ## format, lint, types, import rules, templates, migrations, OpenAPI, translations
	@ops/setup check
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint h5/templates --lint --quiet
	$(BIN)/python -m ops.check

bench: ## the tables of figures, each beside its floor; writes bench/results.json (BENCH="api startup" for some)
	@ops/setup dev
	@ops/packages
	$(BIN)/python -m bench $(BENCH)

drill: ## the long proofs: chaos, floods, timing (DRILL="chaos" for some, SEED=7 to repeat one)
	@ops/setup dev
	@ops/packages
	$(BIN)/python -m drills $(DRILL)

openapi: ## write docs/openapi.json from the app
	@ops/setup check
	$(BIN)/python -m ops.openapi

docs: ## write what docs/ has from the code: docs/openapi.json and docs/lifecycles.md
	@ops/setup check
	$(BIN)/python -m ops.openapi
	$(BIN)/python -m ops.lifecycles

screenshots: ## walk through the product with Chromium and write docs/screenshots
	@ops/setup dev
	@ops/packages
	$(BIN)/python -m ops.screenshots

translations: ## collect the sentences of code and templates into h5/translations
	@ops/setup check
	$(BIN)/python -m ops.translations

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile
