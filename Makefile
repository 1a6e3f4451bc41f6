# make demo    the NAT cluster of inventories/nat on a real IPVS kernel, for all to see
# make test    everything that must hold: lint, unit, lab, kernel, scenarios
# make bench   how fast it is, beside what else there is; BENCH="--sizes 10,100" for a short one
# make failover  for how long nobody serves when one of two directors dies
# make clean   end the lab and remove what was made here (the lab's cache stays)

export PATH := $(CURDIR)/.venv/bin:$(PATH)
PYTHON ?= python3
COLLECTIONS := .ansible/collections/ansible_collections
VERSION = $(shell sed -n 's/^version: //p' galaxy.yml)
# The long ones first, so that none is left alone at the end.
SCENARIOS = ha nat_lamp_nfs nat_wordpress ldirectord nat_all_ports_nfs nat dr tun dr_routed dr_and_tun nat_segments \
  nat_weighted

.PHONY: demo test bench failover lint sanity unit lab kernel scenarios build setup clean

demo: setup
	lab/demo

# Two at a time. Scenarios and the kernel's tests have labs, whose kernels keep to one processor each.
test: setup
	$(MAKE) --jobs=2 lint unit lab
	$(MAKE) --jobs=2 scenarios kernel

# A lab of the tests' own: a demonstration that is up goes on.
test bench lab kernel: export LVS_LAB_STATE ?= $(CURDIR)/.build/lab

lint: setup sanity
	ruff check
	ruff format --check
	mypy
	mypy molecule
	yamllint --strict .
	ansible-lint
	shellcheck roles/*/files/lvs-* lab/guest-init lab/demo molecule/run molecule/shared/files/lab-snapshot .ci/run

# The collection as its users get it: built, installed, and looked at by Ansible's own checks, which
# want a git checkout and a pip for their own virtual environments.
BUILT := .build/collections/ansible_collections/lvs/cluster
GET_PIP := $(HOME)/.ansible/test/cache/get_pip_24_2.py

sanity: build
	@mkdir -p $(dir $(GET_PIP)) && cp tests/sanity/get_pip.py $(GET_PIP)
	@echo /tests/output/ > $(BUILT)/.gitignore && git -C $(BUILT) init --quiet && git -C $(BUILT) add --all
	cd $(BUILT) && ansible-test sanity --color no \
	  --python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	cd .build && ANSIBLE_COLLECTIONS_PATH=collections ansible-playbook --syntax-check lvs.cluster.site
	cd .build && ANSIBLE_COLLECTIONS_PATH=collections ansible-playbook --syntax-check lvs.cluster.verify

build: setup
	@rm -rf .build/collections
	ansible-galaxy collection build --force --output-path .build
	ansible-galaxy collection install --no-deps --force --collections-path .build/collections \
	  .build/lvs-cluster-$(VERSION).tar.gz

unit: setup
	pytest tests/unit

lab: setup
	pytest tests/lab

kernel: setup
	pytest tests/kernel

scenarios: $(SCENARIOS:%=scenario-%)

scenario-%: setup
	molecule/run $*

bench: setup
	bench/bench $(BENCH)

failover: export LVS_LAB_STATE = $(CURDIR)/.build/failover
failover: export MOLECULE_SCENARIO_NAME = ha
failover: export MOLECULE_EPHEMERAL_DIRECTORY = $(CURDIR)/.build
failover: setup
	bench/failover $(BENCH)

# What is missing is installed, and shown.
setup: .venv/ready
	@lab/lab setup

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "running: apt-get install python3-venv"; apt-get install -y -q python3-venv; }
	@echo "making the virtual environment in .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@pip install --quiet --upgrade 'pip>=25.1'
	@pip install --quiet --group dev
	@mkdir -p $(COLLECTIONS)/lvs && ln -sfn ../../../.. $(COLLECTIONS)/lvs/cluster
	@touch $@

clean:
	-for state in .lab .build/lab .build/failover $(SCENARIOS:%=.build/%); do LVS_LAB_STATE=$(CURDIR)/$$state lab/lab down; done
	rm -rf .ansible .build .cache .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache
