# setup: environment and warm kernel · check: static checks · test · demo · bench · docs. Needs Python 3.11 or newer.
PYTHON ?= python3
NAME ?= w1
bin := .venv/bin

.PHONY: setup check test demo bench docs

setup: .venv/dev
	$(bin)/liandun warm

check: .venv/dev
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo

test: .venv/dev
	$(bin)/pytest --numprocesses=auto

demo: .venv/run
	$(bin)/liandun demo $(if $(ONCE),--once)

bench: .venv/dev
	$(bin)/liandun bench $(NAME)

docs: .venv/dev
	$(bin)/sphinx-build --fail-on-warning --keep-going --quiet docs docs/_build

pages := hatch_build.py $(wildcard frontend/*.* frontend/.npmrc) $(shell find src/liandun/site/locale -name '*.po')

.venv/run: pyproject.toml requirements/runtime.txt requirements/build.txt $(pages)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Liandun needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(bin)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	$(bin)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(bin)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@
