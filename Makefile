# One vocabulary for people and for CI. Every target makes or refreshes .venv first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: setup start test test-all check format bench weights readings

setup: $(STAMP)

# Newer pins or dependencies are installed; nothing happens when nothing changed.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "torchcamp needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned packages into .venv (some minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --group dev --editable .
	@touch $(STAMP)

start: $(STAMP)
	@$(BIN)/torchcamp start

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-all: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_lessons.py
	$(BIN)/torchcamp dev check

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

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
	$(BIN)/python benchmarks/lessons.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/figures.py

# The example pages of docs/reading.md.
readings: $(STAMP)
	@for target in vae.py:VAE cnn.py:CNN rnn.py:RowRNN; do \
		$(BIN)/torchcamp read src/torchcamp/models/$$target \
			--html docs/readings/$${target%%.py:*}.html || exit 1; done

# Runs the command of a shipped model's card again: make weights NAME=cgan
weights: $(STAMP)
	$(BIN)/python scripts/remake_weights.py $(NAME)
