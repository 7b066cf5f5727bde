# Everything a contributor does. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI := v2.15.0
TOOLS    := $(CURDIR)/.tools
NPM      := npm --prefix frontend
SOURCES  := $(shell find app cmd domain migrations frontend -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
LISTEN   ?= 127.0.0.1:8080

export GOTOOLCHAIN := local

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: frontend/node_modules/.package-lock.json $(TOOLS)/golangci-lint ## Install what building and testing need
	@go mod download

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(TOOLS)/golangci-lint: Makefile
	@echo "installing golangci-lint $(GOLANGCI)"
	@GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	@touch $@

.PHONY: run
run: build ## Build and start everything with demonstration data on http://127.0.0.1:8080
	@exec bin/tributary serve --demo --listen $(LISTEN)

.PHONY: build
build: bin/tributary ## Build bin/tributary with the frontend inside

bin/tributary: frontend/dist/.built $(SOURCES) go.mod go.sum
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/tributary

frontend/dist/.built: frontend/node_modules/.package-lock.json $(filter frontend/%,$(SOURCES))
	@$(NPM) run --silent build
	@touch $@

bin:
	@mkdir -p bin

.PHONY: generate
generate: frontend/node_modules/.package-lock.json | bin ## Regenerate the API contract, its client and the list of problem codes
	@go run ./cmd/tributary openapi > bin/openapi.json && mv bin/openapi.json app/openapi.json
	@go test ./app -run TestProblemCodes -update >/dev/null
	@$(NPM) run --silent api

.PHONY: generated
generated: frontend/node_modules/.package-lock.json ## Fail when a generated file is stale
	@go run ./cmd/tributary openapi | diff -q - app/openapi.json >/dev/null || { echo "app/openapi.json is stale: run make generate"; exit 1; }
	@was=$$(mktemp -d); cp -r frontend/src/api/gen $$was/gen; $(NPM) run --silent api >/dev/null; \
		diff -rq $$was/gen frontend/src/api/gen || { echo "frontend/src/api/gen is stale: run make generate"; rm -rf $$was; exit 1; }; rm -rf $$was

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Check formatting, style and who imports whom
	@$(TOOLS)/golangci-lint run --timeout 8m ./...

.PHONY: test-go
test-go: ## Run the Go tests with the race detector
	@go test -race ./...

.PHONY: test-frontend
test-frontend: frontend/node_modules/.package-lock.json ## Lint, type-check, test and build the frontend within its budgets
	@$(NPM) run --silent lint
	@$(NPM) run --silent check
	@$(NPM) run --silent test

.PHONY: e2e
e2e: bin/tributary frontend/node_modules/.package-lock.json ## Run the browser tests
	@data=$$(mktemp -d) && chmod 755 "$$data" && trap 'rm -rf "$$data"' EXIT && \
		CHROMIUM="$$(.ci/chromium)" E2E_DATA="$$data" $(NPM) run --silent e2e

.PHONY: test
test: setup generated lint build test-frontend e2e test-go ## Everything CI runs

.PHONY: check
check: lint ## Quick feedback: lint, then Go tests without the race detector
	@go test ./...

.PHONY: bench
bench: bin/tributary ## Measure, as ratios in one run
	@bin/tributary bench

.PHONY: fmt
fmt: $(TOOLS)/golangci-lint frontend/node_modules/.package-lock.json ## Format everything
	@$(TOOLS)/golangci-lint fmt ./...
	@$(NPM) run --silent format

.PHONY: clean
clean: ## Remove what was built
	@rm -rf bin frontend/dist/public frontend/dist/app frontend/dist/embed frontend/dist/.built
