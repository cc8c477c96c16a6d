# Start with `make run` or `make test`; both install missing tools first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# The build for the browser tests: debug, or release as deployed.
BUILD ?= debug

# The scenario of `make torture`: all of them in turn if none is named.
SCENARIO ?=

# How long `make fuzz` takes with each parser.
SECONDS ?= 60

# Tests that name their stores themselves, or need none.
ON_ONE_STORE := $(addprefix --skip ,for_every architecture cluster copy migrations store_faults)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: tools
tools:
	@.ci/setup

.PHONY: browser
browser:
	@.ci/setup browser

.PHONY: servers
servers:
	@.ci/setup servers

.PHONY: proxy
proxy:
	@.ci/setup proxy

.PHONY: run
run: tools ## Build the app and serve it on http://localhost:3000
	cargo leptos build
	@exec target/debug/vestibule serve

.PHONY: run-postgres
run-postgres: tools servers ## The same on PostgreSQL and Valkey, in a throwaway folder
	cargo leptos build
	@exec deploy/run-postgres

.PHONY: watch
watch: tools ## Serve, rebuild on every change, and reload the browser
	cargo leptos watch

.PHONY: test
test: lint unit e2e ## Run every check and every test

.PHONY: unit
unit: tools servers ## Run the unit and integration tests, on every database and session store
	cargo test --features ssr
	@for stores in postgres sqlite+valkey postgres+valkey; do \
	  echo "==> The integration tests on $$stores"; \
	  VESTIBULE_TEST_STORES=$$stores cargo test --features ssr --test integration -- $(ON_ONE_STORE); \
	done

.PHONY: e2e
e2e: browser $(BUILD) ## Run the browser tests (BUILD=release for the release build)
	cd end2end && VESTIBULE_BIN=../target/$(BUILD)/vestibule npm test

.PHONY: bench
bench: tools ## Run the benchmarks of pages and sessions
	cargo bench --features ssr --bench sessions

.PHONY: torture
torture: tools servers proxy ## Kill, flood and starve servers, and judge what people see (all of it, or SCENARIO=kills, or SCENARIO=--help)
	cargo bench --features ssr --bench torture -- $(SCENARIO)

.PHONY: fuzz
fuzz: tools ## Feed parsers mutated inputs, for a minute each (SECONDS=60)
	FUZZ_SECONDS=$(SECONDS) cargo test --features ssr --test integration -- --ignored --nocapture fuzz::for_long

.PHONY: weigh
weigh: browser release ## Measure the download size of a first visit, with the release build
	cd end2end && VESTIBULE_BIN=../target/release/vestibule npm run --silent weigh

.PHONY: lint-tools
lint-tools:
	@.ci/setup lint

.PHONY: lint
lint: lint-tools ## Check formatting, lints and dependencies, for the server and for the browser
	cargo fmt --all --check
	cargo deny --locked check licenses bans sources
	@if cargo deny --locked fetch db >/dev/null 2>&1; then \
	  cargo deny --locked check --disable-fetch advisories; \
	else \
	  echo "The database of advisories cannot be reached, so known vulnerabilities are not checked."; \
	fi
	cargo machete
	cargo clippy --locked --features ssr --all-targets -- -D warnings
	cargo clippy --locked -p vestibule-client --target wasm32-unknown-unknown --target-dir target/front -- -D warnings

.PHONY: fmt
fmt: tools ## Format the code
	cargo fmt --all

.PHONY: debug
debug: tools
	cargo leptos build

.PHONY: release
release: tools ## Build for deployment: target/release/vestibule and target/site
	LEPTOS_HASH_FILES=true cargo leptos build --release --precompress
	@rm -f target/site/pkg/*.ts{,.br,.gz} # type declarations from wasm-bindgen, not needed
	@cp target/release/hash.txt target/site/pkg/ # which files are of this release
	@ls -lh target/release/vestibule target/site/pkg

.PHONY: password-filter
password-filter: tools ## Build the filter of common passwords anew, from lists of npm and PyPI
	src/tools/password_filter/build

.PHONY: clean
clean: ## Remove build output (not the data)
	rm -rf target end2end/node_modules end2end/test-results
