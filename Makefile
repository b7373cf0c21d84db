# The commands that always hold. `make run` and `make test` need a Rust toolchain, Node 20 and apt, nothing else.

SHELL := /bin/bash
BIN := target/release/trellis
DATA ?= data/demo
LISTEN ?= 127.0.0.1:8080

.PHONY: help run build test test-long lint bench goldens clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: build ## build everything and start the demo tenant on http://127.0.0.1:8080
	$(BIN) demo --data $(DATA) --listen $(LISTEN)

build: ## the optimised binary
	cargo build --release --package trellis-server

test: ## the whole suite: lint, Rust, third-party client, browser
	.ci/prepare
	.ci/suite

test-long: ## the release form of the property, crash and cancellation suites
	.ci/prepare
	TRELLIS_LONG=1 .ci/suite

lint: ## formatting, clippy, manifest edges
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings

bench: build ## throughput of the API against a hand-written service over the same tables
	cargo run --release --package trellis-bench -- $(BENCH)

goldens: ## rewrite the golden files; read the diff like code
	TRELLIS_UPDATE=1 cargo nextest run --workspace || true
	git diff --stat

clean:
	cargo clean
	rm -rf data
