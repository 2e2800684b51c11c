# make demo: install, make a small data set, train and test on it, draw work_dirs/demo/overview.png
# make test: install, run the test suite
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo test lint format clean

install: $(INSTALLED)

# Debian without libGL cannot import the OpenCV that mmcv asks for; the headless build replaces it.
$(INSTALLED): setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[dev]'
	$(BIN)/python -c 'import cv2' 2>/dev/null || \
		$(BIN)/pip install --quiet --force-reinstall --no-deps opencv-python-headless
	touch $@

test: install
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: work_dirs/demo/overview.png

work_dirs/demo/overview.png: $(INSTALLED)
	$(BIN)/python tools/demo.py

clean:
	rm -rf work_dirs/demo data/demo
