# The project's commands. make only finds a Python and installs; the work is done in clinic_site/launch and tests/.
.DEFAULT_GOAL := help
.PHONY: help run dev test check chaos bench race

NO_PYTHON = Python 3.11 or newer was not found. Install it, or name it: make $@ PYTHON=/path/to/python3
install = @for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	exec "$$python" -m clinic_site.launch.install $(1); fi; done; echo "$(NO_PYTHON)" >&2; exit 1

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

run: ## install and start everything on this machine, on the production code path
	$(call install)
	@exec .venv/bin/python -m clinic_site.launch run

dev: ## the same with DEBUG and reload
	$(call install)
	@exec .venv/bin/python -m clinic_site.launch dev

test: ## install and run the whole suite, on SQLite and on PostgreSQL
	$(call install,dev)
	@exec .venv/bin/python -m tests.run_suite

check: ## lint, format, types, templates, migrations, deployment
	$(call install,dev)
	@exec .venv/bin/python -m tests.run_checks

chaos: ## 2,000 texts and 200 killed processes on each database; a table (about 20 minutes)
	$(call install,dev)
	@exec .venv/bin/python -m tests.chaos $(ARGS)

bench: ## measure against a bare view on the same server (about a minute)
	$(call install,dev)
	@exec .venv/bin/python -m tests.bench

race: ## 64 rivals for one time, 100 times, on SQLite and on PostgreSQL, with a table (long)
	$(call install,dev)
	@exec .venv/bin/python -m tests.races $(ARGS)
