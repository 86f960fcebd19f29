# The same targets for people and for CI. Each creates or updates .venv first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
BIOME := node_modules/.bin/biome
JS_STAMP := node_modules/.installed
# One more than there are cores: tests that drive a browser or wait for a process leave theirs idle.
WORKERS := $(shell $(PYTHON) -c "import os; print(1 + os.cpu_count())")

.PHONY: setup start test test-all test-faults test-frameworks test-hub mutants check format bench weights readings errors

setup: $(STAMP)

# Reinstalls when the pins or dependencies have changed.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "torchcamp needs Python 3.11 or newer; choose one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned packages into .venv (takes minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --group dev --editable .
	@touch $(STAMP)

# The checker of the widgets' scripts, and of the pages' accessibility in the tests.
$(JS_STAMP): package.json package-lock.json
	@command -v npm >/dev/null || \
		{ echo "make check and make test need npm, for the widgets' scripts and the pages' accessibility; install Node.js 18 or newer (Debian: apt install nodejs npm)"; exit 1; }
	@npm ci --silent --no-audit --no-fund
	@touch $(JS_STAMP)

start: $(STAMP)
	@$(BIN)/torchcamp start

test: $(STAMP) $(JS_STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not fault"

test-all: $(STAMP) $(JS_STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# Signals, full disks and odd surroundings in processes of their own, and every bad invocation.
test-faults: $(STAMP)
	$(BIN)/python scripts/test_faults.py

# The doctor on scripts of Hugging Face, Lightning and Accelerate, which nothing else needs.
test-frameworks: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --group frameworks
	$(BIN)/python -m pytest -n $(WORKERS) tests/doctor/test_frameworks.py

# Two learners on one JupyterHub, whose packages nothing else needs; prints what a learner takes.
test-hub: $(STAMP) $(JS_STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --group hub
	@npm install --silent --no-save --no-audit --no-fund configurable-http-proxy@5
	$(BIN)/python -m pytest -s tests/course/test_hub.py

# Plants the mistakes of scripts/mutants.toml, one at a time, and says which tests find them: half
# an hour on two cores. make mutants ONLY=models/ tries those of one room.
mutants: $(STAMP)
	$(BIN)/python scripts/mutants.py --jobs 2 --only '$(ONLY)'

check: $(STAMP) $(JS_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIOME) check --error-on-warnings .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_lessons.py
	$(BIN)/torchcamp dev check
	$(BIN)/python scripts/audit.py

format: $(STAMP) $(JS_STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIOME) check --write .

bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --group bench
	$(BIN)/python benchmarks/loader.py
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/hmm.py
	$(BIN)/python benchmarks/rows.py
	$(BIN)/python benchmarks/rbm.py --quality
	$(BIN)/python benchmarks/vae.py --seeds 3
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/readers.py
	$(BIN)/python benchmarks/lessons.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/figures.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/cost.py

# The example pages of docs/reading.md.
readings: $(STAMP)
	@for target in vae.py:VAE cnn.py:CNN rnn.py:RowRNN; do \
		$(BIN)/torchcamp read src/torchcamp/models/$$target \
			--html docs/readings/$${target%%.py:*}.html || exit 1; done

# docs/errors.md, from content/errors.toml.
errors: $(STAMP)
	$(BIN)/python scripts/write_errors.py

# Trains a shipped model again with its card's command: make weights NAME=cgan
weights: $(STAMP)
	$(BIN)/python scripts/remake_weights.py $(NAME)
