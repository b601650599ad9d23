# Everything starts from Python 3.11 or newer and make: the environments are made by uv from the lock files.
ifdef DOCKER
PYTHON ?= python3
else
override PYTHON := $(shell sh stack/find_python.sh "$(PYTHON)")
endif
VENVS := .venvs
UV := $(VENVS)/uv/bin/uv
AIRFLOW := $(VENVS)/airflow/bin
# One file of certificate authorities for every download: the one that a variable names, else the system's own.
CA_FILE := $(or $(SSL_CERT_FILE),$(REQUESTS_CA_BUNDLE),$(CURL_CA_BUNDLE),$(PIP_CERT),$(shell \
	for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
	/etc/ssl/cert.pem; do test -r $$file && echo $$file && break; done))
ifneq ($(CA_FILE),)
export SSL_CERT_FILE ?= $(CA_FILE)
export PIP_CERT ?= $(CA_FILE)
export REQUESTS_CA_BUNDLE ?= $(CA_FILE)
endif
export UV_SYSTEM_CERTS ?= 1
export UV_PYTHON_DOWNLOADS ?= never
STACK := $(AIRFLOW)/python -m stack
# With DOCKER=1 the same words drive the containers of docker-compose.yml: only Python and Docker are needed.
ifdef DOCKER
STACK := $(PYTHON) -m stack.compose
IN_STACK := $(STACK) run -- python
DBT_BY_HAND := $(STACK) dbt --
LOCAL_ONLY := audit demo newcomers test test-% page page-% wheel data bench contract chaos chaos-% prove fuzz rollback screenshots lineage-export dashboards-%
ifneq ($(filter $(LOCAL_ONLY),$(MAKECMDGOALS)),)
$(error $(filter $(LOCAL_ONLY),$(MAKECMDGOALS)): not for the containers, leave DOCKER=1 away)
endif
else
NEEDED := setup
IN_STACK := $(STACK) run -- $(AIRFLOW)/python
DBT_BY_HAND := $(IN_STACK) -m dbt_lineage dbt
endif
# Where dbt builds on the local stack; by default as at its last start.
ifneq ($(WAREHOUSE),)
export STACK_WAREHOUSE := $(WAREHOUSE)
endif
DRY = $(if $(DRY_RUN),--dry-run)
export PYTHONPATH := $(CURDIR)/include:$(CURDIR)
# With TLS=1 Kafka and PostgreSQL of the local stack take only clients with TLS: a stack of its own, beside the other.
ifeq ($(TLS),1)
export STACK_TLS := true
export STACK_HOME ?= .stack-tls
endif
READY := $(VENVS)/airflow/.ready $(VENVS)/openmetadata/.ready $(VENVS)/superset/.ready
ifeq ($(STACK_WAREHOUSE),spark)
READY += $(VENVS)/spark/.ready
endif

# The lineage page is built by Node of a wheel. NODE=/usr/bin takes the Node of that folder instead.
PAGE := include/dbt_lineage/airflow/page/static
NODE := $(CURDIR)/$(VENVS)/page/bin
NPM = PATH="$(NODE):$$PATH" npm --prefix lineage-page
NODE_READY := $(if $(filter $(CURDIR)/$(VENVS)/page/bin,$(NODE)),$(VENVS)/page/.ready) lineage-page/node_modules/.ready
ifneq ($(CA_FILE),)
export NODE_EXTRA_CA_CERTS ?= $(CA_FILE)
endif

.DEFAULT_GOAL := help
.PHONY: preflight $(shell sed -nE 's/^([a-z-]+):.*## .*/\1/p' $(MAKEFILE_LIST))

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  %-22s %s\n", $$1, $$2}'

doctor: ## Can this machine run the project? Each check with its remedy; nothing is installed
	@$(if $(PYTHON),$(PYTHON) -m stack.doctor,exit 1)

# What `make test` leaves to `make test-long`.
SHORT = -m "not long"

# Without a Python that suits, the search for one has said so.
PREFLIGHT = $(if $(PYTHON),$(PYTHON) -m stack.doctor --quiet,exit 1)

preflight:
	@$(PREFLIGHT)

newcomers: setup ## Try fresh clones as those who come do, WHO="root pythons"; writes build/newcomers.json
	$(AIRFLOW)/python -m stack.newcomers $(WHO)

setup: $(READY) ## Make the locked environments (every other target does it when needed)

demo: preflight setup ## The whole way on real services, ending with a table of what was proved (TLS=1: over TLS; WAREHOUSE=duckdb or spark: without a server)
	$(AIRFLOW)/python -m stack.demo

test: preflight setup browser $(NODE_READY) ## Linters, types and every test but those of test-long, three parts side by side
	$(MAKE) --jobs 3 --output-sync=target test-airflow test-services test-others

# Two whole stacks at a time are too much for two cores.
test-airflow: browser $(NODE_READY) ## The tests on a whole stack, those in a browser, and two projects on a stack of their own
	$(AIRFLOW)/python -m pytest $(SHORT) tests/integration tests/browser
	$(AIRFLOW)/python -m pytest tests/projects

browser: setup ## Install Chromium where there is none, for the tests in a browser and the pictures
	$(AIRFLOW)/python -m stack.browser

# The tests on a whole stack take longest, so all others give way to them.
test-others: setup ## Linters, types, and the tests that need neither services nor a whole stack
	nice -n 10 $(MAKE) test-quick
	nice -n 5 $(MAKE) test-adoption
	nice -n 10 $(MAKE) test-newcomers
	nice -n 10 $(MAKE) test-page

test-quick: lint types page-check ## Linters, types and the tests without a stack
	$(AIRFLOW)/python -m pytest tests/unit tests/standin

test-services: setup ## The tests on PostgreSQL, Kafka, the relay and the catalogue, each folder with its own; on Spark where there is a Java for it
	@if $(PYTHON) -m stack.java; then $(MAKE) $(VENVS)/spark/.ready; fi
	nice -n 5 $(AIRFLOW)/python -m pytest $(SHORT) tests/prove tests/services
	nice -n 5 $(AIRFLOW)/python -m pytest $(SHORT) tests/chaos

test-adoption: setup ## Build the wheel, and take it up in an Airflow project of somebody else's
	$(AIRFLOW)/python -m pytest tests/adoption

test-executors: setup ## The tests on CeleryExecutor: two workers that share no folder, two schedulers, two triggerers
	$(AIRFLOW)/python -m pytest tests/executors

test-long: setup ## The tests that are too long for `make test`, those on CeleryExecutor among them
	@if $(PYTHON) -m stack.java; then $(MAKE) $(VENVS)/spark/.ready; fi
	$(AIRFLOW)/python -m pytest -m long tests/prove tests/services
	$(AIRFLOW)/python -m pytest -m long tests/integration tests/browser
	$(AIRFLOW)/python -m pytest -m long tests/newcomers
	$(MAKE) test-executors

test-newcomers: setup ## A short form of `make newcomers`: who is refused
	$(AIRFLOW)/python -m pytest $(SHORT) tests/newcomers

test-page: browser $(NODE_READY) ## The lineage page in Chromium, against made-up answers
	$(NPM) run build:plain
	$(AIRFLOW)/python -m pytest tests/page

wheel: setup ## Build the wheel into build/dist
	$(UV) build --wheel --out-dir build/dist

lint: setup ## ruff and the contracts of imports for Python, sqlfluff for the dbt project, hadolint for the images
	$(AIRFLOW)/ruff check .
	$(AIRFLOW)/ruff format --check .
	$(AIRFLOW)/lint-imports --no-cache
	$(AIRFLOW)/hadolint --failure-threshold warning docker/*/Dockerfile
	$(AIRFLOW)/sqlfluff lint --processes 2 dbt-jaffle-shop/models dbt-jaffle-shop/tests

types: setup ## mypy
	$(AIRFLOW)/mypy

page: $(NODE_READY) ## Build the lineage page from lineage-page/ into the package, after a change
	$(NPM) run build

page-check: $(NODE_READY) ## Types, linter and tests of the lineage page; is the committed build what its sources give?
	$(NPM) run check
	rm -rf build/page
	LINEAGE_PAGE_OUT=$(CURDIR)/build/page $(NPM) run build
	diff -r build/page $(PAGE) || { echo "$(PAGE) is not what lineage-page/ gives: run make page"; exit 1; }

stack-up: $(NEEDED) ## Start the local stack, with DOCKER=1 the containers, wait until it is healthy, and make the topics
	$(STACK) up
	$(if $(DOCKER),,$(IN_STACK) -m dbt_lineage topics)

stack-down: $(NEEDED) ## Stop the local stack; nothing stays behind but its data
	$(STACK) down

stack-restart: $(NEEDED) ## Stop and start the local stack
	$(STACK) restart

stack-status: $(NEEDED) ## Show each service's state
	$(STACK) status

health: $(NEEDED) ## Ask every part how it is, in seconds; exit code 1 when one fails (ARGS=--json)
	@$(IN_STACK) -m dbt_lineage health $(ARGS)

checks: $(NEEDED) ## Is the lineage complete, right and fresh? Exit code 1 when a promise is broken (ARGS=--json)
	@$(IN_STACK) -m dbt_lineage checks $(ARGS)

stack-clean: $(NEEDED) ## Stop the local stack and delete its data, logs and credentials
	$(STACK) clean

secrets: ## Write the secrets of the containers into .env; what stands there stays
	$(PYTHON) -m stack.compose_secrets

reference: setup ## Write into docs/reference.md what it takes from the code: settings, commands, tables
	$(AIRFLOW)/python -m stack.reference

kafka-start: $(NEEDED) ## Start only Kafka
	$(STACK) up kafka

kafka-topics: $(NEEDED) ## Create the topics, or compare and correct them
	$(IN_STACK) -m dbt_lineage topics

kafka-logs: $(NEEDED) ## Follow Kafka's log
	$(STACK) logs kafka

dbt-run-with-lineage: $(NEEDED) ## Run dbt by hand with its lineage; DBT="build --select orders+" says what
	$(DBT_BY_HAND) $(or $(DBT),build)

lineage-status: $(NEEDED) ## Is lineage on, what does the spool hold, what does the relay do, how far have a week's events come
	@$(IN_STACK) -m dbt_lineage status
	$(IN_STACK) -m dbt_lineage relay status
	$(IN_STACK) -m dbt_lineage ledger totals --days 7

lineage-off: $(NEEDED) ## No event leaves this machine from now on; dbt and Airflow go on (DRY_RUN=1 only says so)
	@$(IN_STACK) -m dbt_lineage off $(DRY)

lineage-on: $(NEEDED) ## Events leave again; says what ran meanwhile and is not covered (DRY_RUN=1)
	@$(IN_STACK) -m dbt_lineage on $(DRY)

lineage-resend: $(NEEDED) ## Send what ran while the lineage was off (DRY_RUN=1)
	@$(IN_STACK) -m dbt_lineage resend $(DRY)

lineage-remove: $(NEEDED) ## Delete all that the lineage made, or what it made for one PROJECT=name (DRY_RUN=1; FORCE=1 loses unsent events)
	$(if $(PROJECT),$(IN_STACK) -m dbt_lineage remove --project $(PROJECT) $(DRY),$(STACK) lineage-remove $(DRY) $(if $(FORCE),--force))

lineage-export: setup ## Write the lineage that the catalogue has of the project into its folder lineage, to read and compare
	@$(STACK) run -- $(AIRFLOW)/python -m dbt_lineage catalogue export

dead-letters: $(NEEDED) ## Events that are not valid, or never arrived, each with its reason
	$(IN_STACK) -m dbt_lineage relay dead-letters list

manifest: $(NEEDED) ## Make the dbt manifest that the DAGs are rendered from, after a change of the dbt project
	$(IN_STACK) -m dbt_lineage manifest

data: setup ## Load YEARS=n years of generated raw data in place of the seeds
	$(STACK) run -- $(AIRFLOW)/python -m stack.data $(or $(YEARS),1)

bench: setup ## Measure what the docs claim, PARTS="airflow_ratio dagbag_s" ROUNDS=5; writes build/bench.json
	$(AIRFLOW)/python -m bench $(PARTS) --rounds $(or $(ROUNDS),5)

contract: setup ## Hold a real OpenMetadata server to what the stand-in does, URL=http://… TOKEN=…
	OPENMETADATA_TOKEN=$(TOKEN) $(AIRFLOW)/python -m stack.contract --url $(URL)

chaos: setup ## Kill parts of a stack at random and look for what was lost, TRIALS=50 SEED=1; writes build/chaos.json
	$(AIRFLOW)/python -m stack.chaos --trials $(or $(TRIALS),50) --seed $(or $(SEED),1)

chaos-workers: setup ## Remove workers with their disks and look for lost events, TRIALS=200 SEED=1; writes build/scale_out.json
	$(AIRFLOW)/python -m stack.chaos.workers --trials $(or $(TRIALS),200) --seed $(or $(SEED),1)

prove: setup ## Prove column lineage by changing data, PROVE="--seed 2"; writes build/proof.json (WAREHOUSE=duckdb: there)
	$(if $(filter-out postgres duckdb,$(WAREHOUSE)),$(error WAREHOUSE=$(WAREHOUSE): the proof is for postgres and duckdb))
	$(AIRFLOW)/python -m prove$(if $(filter duckdb,$(WAREHOUSE)),.on_duckdb) $(PROVE)

fuzz: setup ## Column lineage of statements at random against PostgreSQL, FUZZ="--count 20000 --seed 2"; writes build/fuzz.json
	$(AIRFLOW)/python -m prove.fuzz $(FUZZ)

rollback: setup ## Time off, on and removal of the lineage on a stack of its own; writes build/rollback.json
	$(AIRFLOW)/python -m stack.rollback

screenshots: browser ## Take the pictures of the README from the running stack (needs Chromium)
	$(AIRFLOW)/python -m stack.screenshots

dashboards-import: setup ## Bring superset/assets into Superset
	$(STACK) run -- $(AIRFLOW)/python -m dbt_lineage dashboards import

dashboards-export: setup ## Write what was changed in Superset into superset/assets
	$(STACK) run -- $(AIRFLOW)/python -m dbt_lineage dashboards export

dashboards-compare: setup ## List what differs between superset/assets and Superset
	$(STACK) run -- $(AIRFLOW)/python -m dbt_lineage dashboards compare

dashboards-refresh: setup ## Refresh the dashboards by hand and compare every chart with the warehouse
	$(STACK) run -- $(AIRFLOW)/python -m dbt_lineage dashboards refresh

audit: $(UV) ## Known vulnerabilities of the locked packages, and secrets in the files; needs a network, names what it could not ask
	@for lock in requirements.txt $(AUDITED:%=requirements/%.txt); do echo "$$lock"; \
		$(UV) tool run pip-audit==2.10.1 --disable-pip --require-hashes --progress-spinner off -r $$lock || exit 1; done
	@git ls-files -z | xargs -0 $(UV) tool run --from detect-secrets==1.5.0 detect-secrets-hook $(AUDIT_WITHOUT:%=--disable-plugin %)

AUDITED := dev openmetadata page spark standin superset uv
# They find names, hashes and the made-up addresses of tests by the hundred.
AUDIT_WITHOUT := KeywordDetector Base64HighEntropyString HexHighEntropyString BasicAuthDetector

lock: $(UV) ## Compile the lock files anew from requirements/*.in
	$(UV) pip compile -q requirements/uv.in -o requirements/uv.txt $(COMPILE)
	$(UV) pip compile -q requirements/airflow.in -o requirements.txt $(COMPILE)
	$(UV) pip compile -q requirements/openmetadata.in -o requirements/openmetadata.txt $(COMPILE)
	$(UV) pip compile -q requirements/dev.in -o requirements/dev.txt $(COMPILE)
	$(UV) pip compile -q requirements/page.in -o requirements/page.txt $(COMPILE)
	$(UV) pip compile -q requirements/spark.in --no-deps -o requirements/spark.txt $(COMPILE)
	$(UV) pip compile -q requirements/standin.in -o requirements/standin.txt $(COMPILE)
	$(UV) pip compile -q requirements/superset.in --overrides requirements/superset-overrides.txt \
		-o requirements/superset.txt $(COMPILE)

COMPILE := --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"

$(UV): requirements/uv.txt
	@$(PREFLIGHT)
	@echo "environment uv …"
	@$(PYTHON) -m venv --clear $(VENVS)/uv
	@$(VENVS)/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

ENVIRONMENT = $(PYTHON) -m stack.environments

$(VENVS)/airflow/.ready: requirements.txt requirements/dev.txt | $(UV)
	@$(ENVIRONMENT) airflow $^

$(VENVS)/openmetadata/.ready: requirements/openmetadata.txt requirements/standin.txt | $(UV)
	@$(ENVIRONMENT) openmetadata $^

$(VENVS)/superset/.ready: requirements/superset.txt | $(UV)
	@$(ENVIRONMENT) superset $^

$(VENVS)/page/.ready: requirements/page.txt | $(UV)
	@$(ENVIRONMENT) page $^

$(VENVS)/spark/.ready: requirements/spark.txt | $(UV)
	@$(ENVIRONMENT) spark $^

lineage-page/node_modules/.ready: lineage-page/package-lock.json lineage-page/package.json | $(filter %/page/.ready,$(NODE_READY))
	@$(NPM) ci --no-progress
	@touch $@
