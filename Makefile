# Needs make and Python 3.11 or newer, nothing else: what it installs is hashed in requirements/.
# Another Python than the first found: make test PYTHON=python3.12

# Debian packs what makes virtual environments separately, so a Python may lack it.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PROBE := import sys, ensurepip; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for p in $(CANDIDATES); do \
	$$p -c '$(PROBE)' 2>/dev/null && echo $$p && break; done)
endif

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# pyftpdlib, a server for the tests, comes as source alone; setuptools, hashed too, builds it.
WHEELS := --only-binary :all: --no-binary pyftpdlib
INSTALL := $(PIP) install -qq --require-hashes $(WHEELS) --no-build-isolation

# Stamps of what is installed in .venv. The first has the Python's name: another one starts again.
RUN := .venv/run-$(subst /,-,$(PYTHON))
GATEWAY := .venv/gateway
TEST := .venv/test
CHECK := .venv/check
DOCS := .venv/docs

.PHONY: help demo test cover traced floors check corpus bench docs package-site dist lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

demo: $(GATEWAY) ## send samples/ through a gateway to simulated phones, and show what each gets
	rm -rf demo-outbox/
	$(BIN)/python tools/demo demo-outbox

test: $(TEST) ## every test, on the source tree; or some: make test TESTS=tests/smsenc
	$(BIN)/python tools/run-tests $(TESTS)

cover: $(TEST) ## the same tests, and how much of the code they run; fails below the floors
	rm -f .coverage*
	@$(MAKE) --no-print-directory traced
	@$(MAKE) --no-print-directory floors

traced: $(TEST)
	$(BIN)/coverage run tools/run-tests $(TESTS)

floors: $(TEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered
	$(BIN)/coverage json --quiet -o .coverage.json
	$(BIN)/python tools/coverage-floors .coverage.json

check: dist ## lint, format, types, layers; then the tests on the built wheel
	$(PIP) check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	tools/test-wheel $(BIN)/python

docs: $(DOCS) ## the documentation in build/site; a warning or a dead link fails
	$(BIN)/python tools/site build/site

package-site: docs # the same pages in the package, for the wheel and the sdist
	rm -rf smsgate/site
	cp -R build/site smsgate/site

corpus: $(TEST) ## convert every file of ../shared/corpus, where that folder is; tables of the results
	@$(MAKE) --no-print-directory -j 2 --output-sync=target $(addprefix run-,$(wildcard tools/corpus-*))

run-tools/corpus-%:
	@echo; echo "tools/corpus-$*"; $(BIN)/python tools/corpus-$*

bench: $(TEST) ## measure ours beside others, in one table; writes docs/benchmarks.*
	$(BIN)/python benchmarks/all.py

dist: $(CHECK) package-site ## wheel, sdist and list of contents (SBOM) in dist/: the same files wherever they are built
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/python tools/sbom

lock: $(CHECK) ## renew requirements/: the newest versions that pyproject.toml allows
	$(call compile,run,pyproject.toml)
	$(BIN)/python -c '$(BACKEND)' | $(call compile,build,-)
	$(call compile,gateway,pyproject.toml --extra gateway -c requirements/run.txt)
	$(call compile,test,pyproject.toml --all-extras --group test -c requirements/gateway.txt -c requirements/build.txt)
	$(call compile,check,--group check -c requirements/test.txt -c requirements/build.txt)
	$(call compile,docs,--group docs -c requirements/test.txt -c requirements/build.txt -c requirements/check.txt)

clean: ## remove what the other commands wrote
	rm -rf .venv smsgate/site demo-outbox build dist .hypothesis .*_cache .coverage*

# $(call compile,NAME,SOURCES): pin SOURCES in requirements/NAME.txt, for every platform's wheels.
compile = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --upgrade \
	--generate-hashes $(WHEELS) --custom-compile-command 'make lock' \
	--output-file requirements/$(1).txt $(2)
# Beside the backend: editables, which it asks for in build isolation only, and what builds pyftpdlib.
BACKEND := import tomllib; \
	system = tomllib.load(open("pyproject.toml", "rb"))["build-system"]; \
	print("editables", "setuptools", *system["requires"], sep="\n")

$(RUN): requirements/run.txt requirements/build.txt pyproject.toml
	@$(or $(PYTHON),false) -c '$(PROBE)' 2>/dev/null || { echo "expected Python 3.11 or newer with\
	 venv and ensurepip, found $(or $(PYTHON),none among $(CANDIDATES))" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) -r requirements/run.txt -r requirements/build.txt
	$(PIP) install -qq --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(GATEWAY): $(RUN) requirements/gateway.txt
	$(INSTALL) -r requirements/gateway.txt
	@touch $@

$(TEST): $(RUN) requirements/test.txt
	$(INSTALL) -r requirements/test.txt
	@touch $@

$(CHECK): $(TEST) requirements/check.txt
	$(INSTALL) -r requirements/check.txt
	@touch $@

$(DOCS): $(GATEWAY) requirements/docs.txt
	$(INSTALL) -r requirements/docs.txt
	@touch $@
