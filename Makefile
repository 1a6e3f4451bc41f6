# make demo      the NAT cluster of inventories/nat on a real IPVS kernel, for all to see
# make test      everything that must hold: lint, unit, lab, kernel, scenarios
# make lint      the linters and Ansible's own checks of the built collection; needs no root
# make unit      the unit tests; needs no root
# make bench     how fast it is, beside what else there is; BENCH="--only tables,processes" for parts of it
# make long      what takes too long for make test; LONG="ha tun" for some scenarios of it
# make failover  for how long nobody serves when one of two directors dies
# make scale     what directors that serve at once keep, and what it costs; SCALE="--only growth" for a part of it
# make screenshots  the page of lvs.cluster.status in a browser, and its pictures in docs; PAGES="FILE" for others
# make crash     what runs that are killed leave on the hosts; CRASH="--every 9" for a short one
# make test-distributions   scenarios on Debian 12, 13 and testing, for some hours; docs/distributions-run.md has the last run
# make docs      the documentation as a site, its links looked at
# make test-docs the same, and opened in a browser; needs Debian's chromium
# make test-versions  each ansible-core, and each Python of a host; VERSIONS="--core 2.22" for parts of it
# make importer  what Galaxy's importer says of the built collection
# make release   a release in a copy, with its changelog; RELEASE=1.0.1 for another than 1.0.0
# make clean     end the lab and remove what was made here (the lab's cache stays)
# make help      this list; CONTRIBUTING.md says how to run a single test

# What root sets up is there for others too: a Python in root's home would not be.
PYTHON ?= $(if $(filter 0,$(shell id -u)),$(or $(wildcard /usr/bin/python3),python3),python3)
COLLECTIONS := .ansible/collections/ansible_collections
VERSION = $(shell sed -n 's/^version: //p' galaxy.yml)
SCENARIOS = $(shell molecule/scenarios)

# Lint and unit write to .build; whoever may not write to it, or has no home, has a place of their own.
BUILD := $(shell .ci/build-directory)
export HOME := $(shell test -w "$$HOME" && echo "$$HOME" || echo $(BUILD)/home)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export HYPOTHESIS_STORAGE_DIRECTORY := $(BUILD)/hypothesis
export MYPY_CACHE_DIR := $(BUILD)/mypy
export PYTEST_ADDOPTS := -o cache_dir=$(BUILD)/pytest $(PYTEST_ADDOPTS)
export RUFF_CACHE_DIR := $(BUILD)/ruff

.PHONY: demo test long bench failover scale crash lint sanity unit lab kernel scenarios build venv setup clean help test-distributions docs test-docs test-versions importer release get-pip screenshots demo-parts packages ensurepip

# From an empty cache the lab's parts are made while the virtual environment is.
demo:
	@echo "[1 of 6] what is made once, and kept"
	@$(MAKE) --no-print-directory --jobs=2 venv demo-parts
	lab/demo

demo-parts: packages
	@$(PYTHON) lab/lab build --demo

# Some at a time: first the lab, whose kernel may have to be built, beside what needs none. Each has a lab then; the
# kernel of a scenario's keeps to one processor, that of the kernel's tests has two. Two labs leave a quarter of two
# processors idle, for they also wait; beside three, and beside two with linters and unit tests on what they leave, hosts
# were now and then too slow to answer.
# What went wrong in a scenario is said last, for much is said after it.
LABS ?= 2
test: setup
	@rm -f .build/*.wrong
	$(MAKE) --jobs=2 lab lint unit
	$(MAKE) --jobs=$(LABS) kernel scenarios || { cat .build/*.wrong 2>/dev/null; exit 1; }

# A lab of the tests' own: a demonstration that is up goes on.
test bench lab kernel: export LVS_LAB_STATE ?= $(CURDIR)/.build/lab

lint: venv sanity
	ruff check
	ruff format --check
	mypy
	mypy molecule
	yamllint --strict .
	ansible-lint
	grep -rlIE --exclude='*.j2' --exclude='*.py' '^#!/(usr/)?bin/(env )?(ba)?sh' .ci lab molecule roles | xargs shellcheck

# The collection as its users get it: built, installed, and looked at by Ansible's own checks, which
# want a git checkout and a pip for their own virtual environments.
BUILT := $(BUILD)/collections/ansible_collections/lvs/cluster
# As ansible-core 2.18 and 2.19, and 2.20 to 2.22 call it.
GET_PIP := $(HOME)/.ansible/test/cache/get_pip_24_2.py $(HOME)/.ansible/test/cache/get_pip_25_2.py

sanity: export ANSIBLE_COLLECTIONS_PATH = $(BUILD)/collections
sanity: build get-pip
	@echo /tests/output/ > $(BUILT)/.gitignore && git -C $(BUILT) init --quiet && git -C $(BUILT) add --all
	cd $(BUILT) && ansible-test sanity --color no \
	  --python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	cd $(BUILD) && ansible-playbook --syntax-check $(patsubst playbooks/%.yml,lvs.cluster.%,$(wildcard playbooks/*.yml))
	antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck $(BUILT)

get-pip:
	@for file in $(GET_PIP); do install -D -m 644 tests/sanity/get_pip.py $$file; done

build: venv
	@rm -rf $(BUILD)/collections
	ansible-galaxy collection build --force --output-path $(BUILD)
	ansible-galaxy collection install --no-deps --force --collections-path $(BUILD)/collections \
	  $(BUILD)/lvs-cluster-$(VERSION).tar.gz

# The pages as they lie in the repository, and beside them what antsibull-docs makes of plugins and roles.
SITE := $(BUILD)/site
docs: export ANSIBLE_COLLECTIONS_PATH = $(BUILD)/collections
docs: export LVS_SITE = $(SITE)/html
docs: build
	@rm -rf $(SITE) && mkdir -p -m 755 $(SITE) $(SITE)/source $(SITE)/source/collection
	@cp site/* galaxy.yml LICENSE *.md $(SITE)/source
	@cp --parents docs/* roles/[!_]*/README.md $(SITE)/source
	cd $(SITE) && antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --no-add-antsibull-docs-version \
	  --dest-dir source/collection lvs.cluster
	sphinx-build --quiet --fail-on-warning --keep-going -b html $(SITE)/source $(SITE)/html
	pytest -q tests/docs/test_links.py
	@echo "the site is in $(SITE)/html"

test-docs: export LVS_SITE = $(SITE)/html
test-docs: docs
	pytest tests/docs/test_browser.py

test-versions: build get-pip
	python tests/versions/matrix.py --build $(BUILD) $(VERSIONS)

# What Galaxy does with the collection when it is given it; in an environment of its own, for it has an Ansible with it.
importer: build
	@test -e $(BUILD)/importer/ready || { $(PYTHON) -m venv $(BUILD)/importer && \
	  $(BUILD)/importer/bin/pip install --quiet galaxy-importer && touch $(BUILD)/importer/ready; }
	cd $(BUILD)/importer && PATH=$(BUILD)/importer/bin:$$PATH python -m galaxy_importer.main $(BUILD)/lvs-cluster-$(VERSION).tar.gz \
	  | tee importer.log
	! grep -E '^(ERROR|WARNING)' $(BUILD)/importer/importer.log

RELEASE ?= 1.0.0
release: venv
	.ci/release $(BUILD) $(RELEASE)

unit: venv
	pytest tests/unit

lab: setup
	pytest tests/lab

kernel: setup
	pytest tests/kernel

scenarios: $(SCENARIOS:%=scenario-%)

scenario-%: setup
	molecule/run $*

# It runs as users run it, with the oldest ansible-core that they may have.
scenario-nat_weighted: .venv-oldest/ready

long: setup
	molecule/long $(LONG)

bench: setup
	bench/bench $(BENCH)

failover: export LVS_LAB_STATE = $(CURDIR)/.build/failover
failover: export MOLECULE_SCENARIO_NAME = ha
failover: export MOLECULE_EPHEMERAL_DIRECTORY = $(CURDIR)/.build
failover: setup
	bench/failover $(BENCH)

scale: export LVS_LAB_STATE = $(CURDIR)/.build/scale
scale: export MOLECULE_SCENARIO_NAME = ecmp
scale: export MOLECULE_EPHEMERAL_DIRECTORY = $(CURDIR)/.build
scale: setup
	bench/scale $(SCALE)

crash: export LVS_LAB_STATE = $(CURDIR)/.build/crash
crash: export MOLECULE_EPHEMERAL_DIRECTORY = $(CURDIR)/.build
crash: export ANSIBLE_STRATEGY_PLUGINS = $(CURDIR)/molecule/shared/strategy
crash: export ANSIBLE_STRATEGY = mitogen_unpinned
crash: setup
	pytest tests/crash --capture=no $(CRASH)

test-distributions: setup
	molecule/distributions.py $(DISTRIBUTIONS)

# Chromium is the machine's own. PAGES are pages that lvs.cluster.status has written; what is seen is in .build/pages.
AXE := .build/node_modules/axe-core/axe.min.js

screenshots: venv $(AXE)
	PAGES="$(PAGES)" pytest tests/browser

$(AXE):
	npm install --silent --no-save --prefix .build axe-core@4.14.1

# What is missing is installed, and shown: the virtual environment by anybody, the lab's packages by root.
setup: venv packages

packages: ensurepip
	@$(PYTHON) lab/lab setup

venv: .venv/ready
	@python -c '' || { echo "remove .venv: you cannot run its Python, which was $$(readlink -m .venv/bin/python)"; exit 1; }

ensurepip:
	@test -e .venv/ready || $(PYTHON) -c 'import ensurepip' 2>/dev/null || if [ "$$(id -u)" = 0 ]; then \
	  echo "running: apt-get install python3-venv"; \
	  apt-get install -y -q python3-venv || { apt-get update -q && apt-get install -y -q python3-venv; }; \
	else echo "$(PYTHON) has no ensurepip: install python3-venv, or give another with PYTHON="; exit 1; fi

.venv/ready: pyproject.toml | ensurepip
	@echo "making the virtual environment in .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@pip install --quiet --upgrade 'pip>=25.1'
	@pip install --quiet --group dev
	@mkdir -p $(COLLECTIONS)/lvs && ln -sfn ../../../.. $(COLLECTIONS)/lvs/cluster
	@touch $@

.venv-oldest/ready: pyproject.toml | venv
	@echo "making the virtual environment with the oldest ansible-core in .venv-oldest (about a minute, once)"
	@$(PYTHON) -m venv .venv-oldest
	@.venv-oldest/bin/pip install --quiet --upgrade 'pip>=25.1'
	@.venv-oldest/bin/pip install --quiet --group oldest
	@touch $@

help:
	@sed -n 's/^# make/make/p' Makefile

clean:
	-for state in $(wildcard .build/distribution-*/) .lab .build/lab .build/lab-now .build/lab-before .build/failover .build/scale .build/crash $(SCENARIOS:%=.build/%) $(SCENARIOS:%=.build/%-long); do LVS_LAB_STATE=$(CURDIR)/$$state lab/lab down; done
	rm -rf .ansible .build $(BUILD) .cache .venv .venv-oldest .hypothesis .mypy_cache .pytest_cache .ruff_cache
