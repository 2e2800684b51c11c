# make demo: install, make a small data set, train and test on it, draw work_dirs/demo/overview.png
# make test: install, run the test suite; make test-slow: the rest of it
# make docs: write the documentation as a site to build/docs, with the page that fuses in the browser (needs npm)
# make wheel: write dist/bffr-*.whl
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: install demo test test-slow lint format docs wheel clean

install: $(INSTALLED)

# Debian without libGL cannot import the OpenCV that mmcv asks for; the headless build replaces it.
$(INSTALLED): setup.py bffr/version.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[dev]'
	$(BIN)/python -c 'import cv2' 2>/dev/null || \
		$(BIN)/pip install --quiet --force-reinstall --no-deps opencv-python-headless
	touch $@

# A process a core, each with one thread, and a file's tests in one process.
test: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m 'not slow' --numprocesses auto --dist loadfile

# What starts many processes, servers or environments, or takes minutes.
test-slow: install
	$(BIN)/python -m pytest -m slow

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install
	$(BIN)/pip install --quiet --editable '.[docs]'
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/docs
	$(BIN)/python docs/browser/build.py build/docs/browser

# For `pip install dist/*.whl` anywhere.
wheel: install
	rm -rf build dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

DEMO := work_dirs/demo
WARM_START := configs/demo/transfuser_avg_demo.py
JOINT := configs/demo/transfuser_segformer_demo.py

demo: $(DEMO)/overview.png

$(DEMO)/overview.png: $(INSTALLED)
	$(BIN)/python tools/dataset_converters/synthetic.py data/demo
	$(BIN)/python tools/train_fuser.py $(WARM_START) --work-dir $(DEMO)/warm_start --seed 0 --overwrite
	$(BIN)/python tools/train_fuser_segmenter.py $(JOINT) --work-dir $(DEMO)/joint --seed 0 --overwrite
	$(BIN)/python tools/test_fusion.py $(WARM_START) $(DEMO)/warm_start/iter_150.pth \
		--work-dir $(DEMO)/warm_start
	$(BIN)/python tools/test_fusion.py $(JOINT) $(DEMO)/joint/iter_400.pth \
		--work-dir $(DEMO)/joint
	$(BIN)/python tools/test_fuser_segmenter.py $(JOINT) $(DEMO)/joint/iter_400.pth \
		--work-dir $(DEMO)/joint --eval mIoU --show-dir $(DEMO)/joint/labels
	$(BIN)/bffr sheet $@ \
		--images Visible=data/demo/vis Infrared=data/demo/ir \
			'Fused, warm start=$(DEMO)/warm_start/test_result' \
			'Fused, joint=$(DEMO)/joint/test_result' Prediction=$(DEMO)/joint/labels \
		--labels 'Ground truth=data/demo/labels' --names $$(head -n 4 data/demo/test.txt)

clean:
	rm -rf work_dirs/demo data/demo
