# Two commands matter: `make run` and `make test`. Both are safe to repeat.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT
# Every stage starts Python several times; what one has compiled the next need not.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test unit browser postgres lint search-eval checker-eval search-bench bench catalog lock clean

help:
	@echo "make run           serve the site on http://127.0.0.1:$(PORT) with its data under var/"
	@echo "make test          every check: style, types, tests on SQLite and PostgreSQL, the browser"
	@echo "make search-eval   search quality by kind of query, on both databases"
	@echo "make checker-eval  precision and recall of each rule of the reply checker"
	@echo "make search-bench  search speed at 1k, 10k and 100k documents, on both databases"
	@echo "make bench         pages against a limit view, their weight, memory, quiz submits under load"

run: $(BIN)/.run var/secret-key
	@SITE_URL=$${SITE_URL:-http://127.0.0.1:$(PORT)} $(BIN)/python manage.py serve

# The virtual environment holds exactly what the lock names, each file checked by its hash.
$(BIN)/.run: requirements.txt | var/.writable
	@sh .ci/venv "$(PYTHON)"
	@echo "Installing what the site needs (requirements.txt)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.dev: requirements-dev.txt $(BIN)/.run
	@echo "Installing what the tests need (requirements-dev.txt)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

var/.writable:
	@mkdir -p var 2>/dev/null && touch var/.writable 2>/dev/null || { \
	  echo "Cannot write to $(CURDIR). Clone the project into a folder you own, or fix its permissions."; exit 1; }

var/secret-key: | var/.writable $(BIN)/.run
	@umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@
	@echo "Made a secret key in $@."

# The style is looked at beside the tests: neither keeps two cores busy by itself.
test: $(BIN)/.dev var/secret-key
	@$(MAKE) --no-print-directory -j2 lint unit
	@$(MAKE) --no-print-directory postgres
	@$(MAKE) --no-print-directory browser
	@echo "Everything passed."

lint: $(BIN)/.dev var/secret-key
	@echo "Style, templates, types, migrations, deployment settings…"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@find templates -name '*.html' | xargs $(BIN)/djade --target-version 5.2 --check
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@SITE_URL=https://example.org $(BIN)/python manage.py check --deploy --fail-level WARNING

unit: $(BIN)/.dev
	@echo "Tests on SQLite…"
	@$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser

postgres: $(BIN)/.dev
	@echo "The same tests on PostgreSQL…"
	@$(BIN)/python -m tests.postgres -m pytest -n 2 --dist worksteal --ignore tests/browser

browser: $(BIN)/.dev
	@sh .ci/chromium
	@echo "Tests in a real browser…"
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/browser

search-eval: $(BIN)/.dev
	@$(BIN)/python -m tests.search_quality.run_eval

checker-eval: $(BIN)/.dev
	@$(BIN)/python -m tests.checker_quality.run_eval

search-bench: $(BIN)/.dev
	@$(BIN)/python -m tests.bench.search

bench: $(BIN)/.dev var/secret-key
	@$(BIN)/python -m tests.bench

catalog: $(BIN)/.dev
	@$(BIN)/python manage.py update_catalog

lock: $(BIN)/.dev
	@$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --strip-extras --allow-unsafe --extra postgres --extra redis -o requirements.txt pyproject.toml
	@$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --strip-extras --allow-unsafe --extra postgres --extra redis --extra dev -c requirements.txt \
	  -o requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv var/static var/bundles .mypy_cache .ruff_cache .pytest_cache
