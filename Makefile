# Everything a person or CI does with this tree. `make help` lists it.

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PORT ?= 8000
# whoever tries the service should not have to start a second process for its jobs
EMBEDDED_WORKER ?= on
# how many articles the counts of statements and the search for copies are measured with
SCALE ?= 10000
export PORT EMBEDDED_WORKER

# what mypy reads; scripts in a run of their own, since each is a program and no part of a package
PACKAGES := annotations project bench tests client/src

# Lock files: valid on every platform, with the oldest Python, and without the address of any index.
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

# The checks of the JavaScript need Node: where it is missing and cannot be installed, scripts/node says so
# with status 3 and they are skipped, except in CI, which sets REQUIRE_NODE.
REQUIRE_NODE ?=
with_node = scripts/node && { $(1); } || { status=$$?; [ $$status -eq 3 ] && [ -z "$(REQUIRE_NODE)" ] || exit $$status; }

# the optional parts that have a lock file of their own, and those that an image gets
OPTIONAL := $(filter-out dev slow,$(patsubst requirements-%.txt,%,$(wildcard requirements-*.txt)))
EXTRAS ?=

.PHONY: help run test slow bench image check lint lint-types lint-js lint-style lint-generated js format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install, migrate, fill an empty database with the demo, serve on 127.0.0.1 with a worker (PORT=8000)
	@scripts/setup runtime
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo --address http://127.0.0.1:$(PORT)/
	@exec $(BIN)/gunicorn --config project/gunicorn.py project.wsgi

test: ## Run the whole suite, on SQLite and on PostgreSQL
	@scripts/setup dev
	@$(call with_node,npm test --silent)
	@scripts/browser
	@$(BIN)/python scripts/test.py $(BESIDE)

slow: ## Run the tests that take long, on both engines, and with the readers of other tools
	@scripts/setup slow
	@scripts/browser
	@scripts/nginx >/dev/null || true
	@$(BIN)/python scripts/test.py -m slow

bench: ## Measure speed on PostgreSQL, beside the floor of the bare database (SCALE=100000 counts more)
	@scripts/setup dev
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.statements $(SCALE)
	@$(BIN)/python -m bench.stories $(SCALE)
	@$(BIN)/python -m bench.scale $(or $(SCALE),10000)
	@$(BIN)/python -m bench.corrections
	@scripts/browser
	@$(BIN)/python -m bench.browser

image: ## Build the image without Docker, with a bill of materials, in var/image (EXTRAS="sso metrics s3")
	@python3 scripts/image.py $(foreach extra,$(EXTRAS),--extra $(extra))

check: BESIDE = --beside "$(MAKE) --no-print-directory lint"
check: test ## All that CI runs: the tests, and beside them lint, types, migrations, generated docs

js: ## Check the types of the JavaScript and run its unit tests
	@$(call with_node,npm run check --silent && npm test --silent)

lint: ## Check style, types, templates, migrations and generated docs; no tests
	@scripts/setup dev
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint-types lint-js lint-style lint-generated

lint-types:
	$(BIN)/mypy --strict $(PACKAGES) manage.py
	$(BIN)/mypy --strict scripts/*.py

lint-js:
	@$(call with_node,npm run check --silent)

lint-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	@find annotations -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +

lint-generated:
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py write_reference --check
	$(BIN)/python manage.py write_client --check
	$(BIN)/python manage.py write_messages --check

format: ## Put code and templates into the common form
	@scripts/setup dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	@find annotations -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

lock: ## Renew the lock files (UPGRADE=--upgrade also takes newer indirect packages)
	@scripts/setup dev
	$(BIN)/uv pip compile $(UPGRADE) $(COMPILE) requirements.txt --output-file requirements.lock
	$(BIN)/uv pip compile $(UPGRADE) $(COMPILE) requirements-dev.txt --constraint requirements.lock --output-file requirements-dev.lock
	$(BIN)/uv pip compile $(UPGRADE) $(COMPILE) requirements-slow.txt --constraint requirements-dev.lock --output-file requirements-slow.lock
	for part in $(OPTIONAL); do $(BIN)/uv pip compile $(UPGRADE) $(COMPILE) requirements-$$part.txt --constraint requirements-slow.lock --output-file requirements-$$part.lock || exit 1; done

clean: ## Remove the virtual environment and what tools leave behind, but not var/
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles
