# make demo | test | test-all | check | clean
PYTHON ?= python3
PIP = -m pip --disable-pip-version-check -q install -c constraints.txt

.PHONY: demo test test-all check clean

demo: .venv/installed
	@.venv/bin/python examples/demo.py

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	.venv/bin/python $(PIP) -e .
	@touch $@

.venv-test/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-test
	.venv-test/bin/python $(PIP) -e . --group test
	@touch $@

test: .venv-test/installed
	.venv-test/bin/ruff check .
	.venv-test/bin/ruff format --check .
	.venv-test/bin/mypy
	.venv-test/bin/python -m pytest

test-all: .venv-test/installed
	.venv-test/bin/python -m pytest -m slow

clean:
	rm -rf .venv .venv-test .formfact build dist
