# Suiwen's commands. `make run` and `make test` need nothing but make and a Python; what is done already costs nothing.

.DEFAULT_GOAL := help
SHELL := /bin/sh
UV := .tools/bin/uv
BIN := .venv/bin

# Each environment keeps a copy of the lock that it was made from; a newer lock makes it stale.
APP := .venv/uv.lock
DEV := .venv/dev.lock
BOT := bot/.venv/uv.lock

export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 2

.PHONY: help run setup train train-search test check eval bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: $(APP) $(BOT) ## start the assistant: sets up what is missing, prints the address, Ctrl-C stops it
	@exec $(BIN)/suiwen run

setup: $(DEV) $(BOT) ## both environments, with what tests need

train: $(APP) $(BOT) ## train Rasa's model, if its data or components changed
	@$(BIN)/suiwen train

train-search: $(DEV) ## train the search model (it is kept in the repository)
	@$(BIN)/python -m knowledge.search.training

test: $(DEV) $(BOT) ## every test
	@$(BIN)/suiwen train
	@$(BIN)/pytest

check: $(DEV) $(BOT) ## style, types, direction of imports, Rasa's data
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@echo "rasa data validate"
	@mkdir -p models; PYTHONWARNINGS=ignore bot/.venv/bin/rasa data validate --domain bot/domain \
		--data nlu/data bot/rules > models/validation.log 2>&1 || { cat models/validation.log; exit 1; }
	@echo "all checks passed"

eval: $(DEV) $(BOT) ## measure understanding and search on questions that were in no training data
	@$(BIN)/suiwen train
	@$(BIN)/python -m bench.evaluate

bench: $(DEV) $(BOT) ## measure speed and memory, each against stock Rasa
	@$(BIN)/suiwen train
	@$(BIN)/python -m bench

clean: ## remove environments, models and caches; the data folder stays
	rm -rf .venv bot/.venv .tools models .rasa .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(APP): uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --no-dev --inexact
	@cp uv.lock $@

$(DEV): uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen
	@cp uv.lock $(APP) && cp uv.lock $@

$(BOT): bot/uv.lock bot/pyproject.toml | $(UV)
	@$(UV) sync --frozen --project bot
	@cp bot/uv.lock $@

# uv, from whichever Python is at hand; where that one has no venv (Debian), pip alone will do.
$(UV):
	@for python in python3 python python3.14 python3.13 python3.12 python3.11 python3.10; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue; \
		echo "getting uv with $$($$python -V)"; \
		if $$python -m venv .tools >/dev/null 2>&1 && .tools/bin/python -m pip install -q uv; then exit 0; fi; \
		rm -rf .tools && mkdir -p .tools/bin; \
		if $$python -m pip install -q --target .tools/site uv; then ln -sf ../site/bin/uv $(UV); exit 0; fi; \
		rm -rf .tools; \
	done; \
	if command -v uv >/dev/null; then mkdir -p .tools/bin && ln -sf "$$(command -v uv)" $(UV); exit 0; fi; \
	echo "No Python 3.10 or newer with pip or venv was found. On Debian: apt install python3-venv" >&2; exit 1
