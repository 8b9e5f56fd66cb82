# The project's commands. `make help` lists them.

ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
LOCKS := requirements/worker.txt requirements/dev.txt
# What declares older Pythons only, and runs on this one: docs/python.md.
UNCHECKED := requirements/tfx.txt
PYTHONS := 3.11
# What mypy reads: all code but the tests.
TYPED := affectflow bench components dags pipelines schemas setup.py tools/local_airflow
# Airflow does not resolve together with TFX: it has an environment of its own.
AIRFLOW_ENVIRONMENT := .venv-airflow
AIRFLOW_LOCK := requirements/airflow.txt
AIRFLOW_PYTHONS := 3.12 3.11
COMPILE := tools/uv pip compile --quiet --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'
COMPILE_WORKER := $(COMPILE) --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	--override requirements/override.in

.DEFAULT_GOAL := help
.PHONY: help .venv .venv-airflow demo airflow compile
.PHONY: recipes test test-worker test-slow test-cuts test-losses torture test-recipes test-long test-dags test-deployment lint format bench lock audit clean
.SUFFIXES:

help: ## this list
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile
	@echo 'ARGS="..." is handed on (demo, test, lint, bench, lock); PYTHON=path names a Python 3.11.'

.venv: $(ENVIRONMENT)/.synced ## the environment, from the lock files; nothing to do when it is up to date

$(ENVIRONMENT)/.synced: $(LOCKS) $(UNCHECKED) setup.py tools/sync-venv
	@tools/sync-venv $(ENVIRONMENT) "$(PYTHONS)" $(LOCKS) --unchecked $(UNCHECKED)

.venv-airflow: $(AIRFLOW_ENVIRONMENT)/.synced ## the environment of Airflow and of its tests

$(AIRFLOW_ENVIRONMENT)/.synced: $(AIRFLOW_LOCK) setup.py tools/sync-venv
	@tools/sync-venv $(AIRFLOW_ENVIRONMENT) "$(AIRFLOW_PYTHONS)" $(AIRFLOW_LOCK)

demo: .venv ## render a small corpus, run it from video to release, print the result
	@$(BIN)/affectflow demo $(ARGS)

airflow: .venv .venv-airflow ## the whole of Airflow on this machine, until Ctrl-C (PORT=, WORKSPACE=)
	@exec tools/serve-airflow $(if $(PORT),--port "$(PORT)") \
		$(if $(WORKSPACE),--workspace "$(WORKSPACE)") $(ARGS)

recipes: .venv ## every recipe on a corpus rendered for it; the table goes to docs/recipes.md
	@$(BIN)/affectflow reproduce --report docs/recipes.md $(ARGS)

compile: .venv ## write dags/compiled anew, after a change of code or of a recipe
	@$(BIN)/affectflow compile

# ARGS may choose tests of one environment alone: pytest's 5 is "none chosen".
test: test-dags test-worker ## what needs Airflow, then all else; the last line is pytest's summary

test-worker: .venv ## the tests that do not need Airflow, without the slow ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS) $(if $(ARGS),|| test $$? = 5)

test-slow: .venv ## the tests that train for minutes
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(ARGS)

test-cuts: .venv ## cuts of all kinds and what looks like one, for as long as it takes
	@$(BIN)/python -m pytest -n 2 -m cuts -rP tests/affectflow/faces/test_shots.py $(ARGS)

test-losses: .venv ## a runner that loses one element after another, in each node
	@AFFECTFLOW_LOSSES=40 $(BIN)/python -m pytest -n 2 -m "slow or not slow" --timeout 3600 \
		-k lost_unnoticed $(ARGS)

torture: .venv ## kills and damage of all kinds, for hours; SEED=n draws others
	@AFFECTFLOW_TORTURE=large AFFECTFLOW_TORTURE_SEED=$(or $(SEED),0) $(BIN)/python -m pytest \
		-n 2 -m torture --timeout 14400 $(ARGS)

test-recipes: .venv ## every recipe from a small rendered corpus to the gate's verdict
	@$(BIN)/python -m pytest -n 2 -m recipes tests/recipes $(ARGS)

test-long: .venv ## test-slow and test-recipes, so that neither waits for the other's longest
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "slow or recipes" $(ARGS)

test-dags: .venv .venv-airflow ## the tests that need Airflow, a real one among them
	@$(AIRFLOW_ENVIRONMENT)/bin/python -m pytest -n 2 --dist loadfile tests/dags tests/scheduling \
		$(ARGS) $(if $(ARGS),|| test $$? = 5)

test-deployment: .venv .venv-airflow ## PostgreSQL, Redis and Celery workers, for real
	@$(AIRFLOW_ENVIRONMENT)/bin/python -m pytest -m deployment tests/scheduling $(ARGS)

lint: .venv ## ruff and mypy, changing nothing
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy $(TYPED)

format: .venv ## sort imports, mend what ruff can, format
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: .venv ## speed and memory ratios; the last line is JSON, exit 1 when a bound is missed
	@$(BIN)/python bench/run.py $(ARGS)

lock: ## compile requirements/*.txt anew, keeping the pins that still fit (ARGS=--upgrade: none)
	@echo '==> requirements/worker.txt'
	@$(COMPILE_WORKER) --python "$$(tools/find-python $(PYTHONS))" $(ARGS) setup.py --extra worker \
		--extra dlib requirements/worker.in \
		--output-file requirements/worker.txt >/dev/null
	@echo '==> requirements/dev.txt'
	@$(COMPILE_WORKER) --python "$$(tools/find-python $(PYTHONS))" $(ARGS) setup.py --extra dev \
		--constraint requirements/worker.txt --output-file requirements/dev.txt >/dev/null
	@echo '==> $(UNCHECKED)'
	@$(COMPILE) --python-version 3.10 --no-deps $(ARGS) \
		requirements/tfx.in --output-file $(UNCHECKED) >/dev/null
	@echo '==> $(AIRFLOW_LOCK)'
	@$(COMPILE) --universal --python-version 3.11 $(ARGS) \
		requirements/airflow.in --output-file $(AIRFLOW_LOCK) >/dev/null

audit: .venv ## known holes of what the locks name, less those that requirements/audit.txt explains
	@tools/audit $(LOCKS) $(UNCHECKED) $(AIRFLOW_LOCK)

clean: ## remove the environments, the private tools and every cache; data and releases stay
	@rm -rf $(ENVIRONMENT) $(AIRFLOW_ENVIRONMENT) .tools build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
