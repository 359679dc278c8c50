# Common tasks. They need Rust, a C compiler and make; `make setup` installs what else a task needs.
.PHONY: help setup run test test-rest test-all check instructions bench load sweep scenarios overload cold replicas schemathesis template zip deploy-check documents semver

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what the tests need: PostgreSQL, Chromium, nginx, Valgrind, Python (on Debian)
	scripts/test-setup

run: ## serve a demo catalogue on http://127.0.0.1:3000
	cargo run --release --locked

test: ## run the tests that need nothing but PostgreSQL
	scripts/test fast

test-rest: setup ## run the tests that `make test` leaves out: browsers, nginx, faults, standbys, kills, Lambda
	scripts/test rest

test-all: test test-rest ## run every test

schemathesis: setup ## test a running server against /openapi.json with Schemathesis: 50,000 requests
	scripts/schemathesis

template: setup ## check the template of the Lambda function
	scripts/template

semver: ## compare the public API of atelier-core with its last release; BASE=REVISION for another
	scripts/semver

documents: setup ## run the commands in the documents, and check their links and names
	scripts/documents

deploy-check: setup ## check the files of a deployment: systemd units, Dockerfile, compose.yaml, scripts
	scripts/deploy

zip: ## build the Lambda function, target/lambda/atelier.zip; ARCH=x86_64, and INCLUDE=shop.db to pack a SQLite file in
	scripts/zip

instructions: setup ## count the instructions of pure code paths, and compare them with their limits
	scripts/instructions

bench: ## run the benchmarks
	cargo bench --locked

load: setup ## measure throughput and latency next to baselines; ARGS="--products 1000011" for the full data set
	cargo build --profile dist --locked -p atelier-warp -p atelier-etl -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-load" $(ARGS)

sweep: setup ## measure goodput and p99 of 8 to 4,096 clients, next to a peer; ARGS="--case product --clients 64,1024" for less
	cargo build --profile dist --locked -p atelier-warp -p atelier-etl -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-load" sweep $(ARGS)

scenarios: setup ## run load scripts of public projects without failed requests; ARGS="--scale-time 0.1" for a tenth of the time
	cargo build --profile dist --locked -p atelier-warp -p atelier-etl -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-load" scenarios $(ARGS)

overload: setup ## measure goodput at ten times the capacity
	cargo build --profile dist --locked -p atelier-warp -p atelier-etl -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-load" overload $(ARGS)

cold: setup ## measure start, latency and memory of the Lambda function
	cargo build --profile dist --locked -p atelier-lambda # alone, without features of other programs
	cargo build --profile dist --locked -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-cold" $(ARGS)

replicas: setup ## restart, kill and load three replicas behind nginx, and count failed requests
	cargo build --profile dist --locked -p atelier-warp -p atelier-load
	"$${CARGO_TARGET_DIR:-target}/dist/atelier-replicas" $(ARGS)

check: ## check formatting, lints and documentation
	scripts/gates
	scripts/imports
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --workspace --test system --test process --test resume --locked -- -D warnings # with `test = false`
	cargo clippy -p atelier-core --no-default-features --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
