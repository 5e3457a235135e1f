# Madang. Two commands to know: `make up` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up test lint bench audit lock
SHELL := /bin/sh
PYTHON ?= python3
RUN := .venv/bin/python
export PYTHONUTF8 := 1

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 22

setup: ## environment, locked packages, front end, kernels
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev

up: setup ## start the whole city and say where it is
	@$(RUN) -m madang up

test: setup-dev ## lint, types, contracts and every test
	@$(RUN) tools/check.py

lint: setup-dev ## lint, types, import contracts, translations
	@$(RUN) tools/check.py lint

bench: setup-dev ## print every published figure (make bench-NAME for one)
	@$(RUN) -m bench

bench-%: setup-dev
	@$(RUN) -m bench $*

audit: setup-dev ## known weaknesses of the dependencies; parts list in CycloneDX
	@$(RUN) tools/audit.py

lock: setup-dev ## renew the lock files from pyproject.toml (UPGRADE=1: the newest versions)
	@$(RUN) tools/lock.py $(if $(UPGRADE),--upgrade)
