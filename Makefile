# Two commands set everything up on a machine with Go: `make lab LAB=networking` and `make test`.

GO    ?= go
LAB   ?= networking
BIN   := bin/labctl
TOOLS := $(CURDIR)/.tools

GOLANGCI_VERSION := v2.15.0

.PHONY: build lab test test-localstack short race race-short lint mutation chaos bench docs clean

build: ## build labctl
	$(GO) build -o $(BIN) ./cmd/labctl

lab: build ## build labctl and run a lab: provision, check, report
	./$(BIN) up $(LAB)

test: ## run all tests, with the integration suite on the local server; most of them wait, so four of a package run at once
	$(GO) test -timeout 40m -parallel 4 ./...

short: ## run the tests that need no server and no Terraform
	$(GO) test -short ./...

race-short: ## run the tests that need no server under the race detector
	$(GO) test -race -short -timeout 30m ./...

race: ## run all tests under the race detector
	$(GO) test -race -timeout 60m ./...

test-localstack: ## run LocalStack's community runtime (from the Python registry, about 520 MB once) and the labs against it; record what it shows
	LABCTL_TEST_LOCALSTACK=1 $(GO) test -count=1 -timeout 40m -v ./integration/localstack -record
	$(GO) test -count=1 ./docs -update

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## gofmt, go vet, golangci-lint
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'gofmt: the files above are not formatted'; exit 1; }
	$(GO) vet ./...
	$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) run

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

mutation: ## inject every fault into a live lab; print the matrix of faults and checks
	$(GO) test -count=1 -timeout 30m -run 'TestMutation' -v ./labs/...

chaos: build ## kill and disturb labctl, Terraform and the server at random moments on every lab; ROUNDS=2 SEED=
	$(GO) run ./chaos -labctl $(BIN) -rounds $(or $(ROUNDS),2) $(if $(SEED),-seed $(SEED)) -logs bin/chaos-logs

bench: build ## time `labctl up` against plain `terraform init` and `terraform apply`
	$(GO) test -count=1 -timeout 30m -run XXX -bench . ./checks/...
	$(GO) run ./bench -labctl $(BIN) -lab $(LAB)

docs: ## write the pages that are generated from the labs
	$(GO) test -count=1 ./docs -update

clean:
	rm -rf bin .tools
