# People and CI run the same commands. Each target sets up .venv by itself; the pins are in constraints.txt.
#
#   make demo     issue a virtual card, read it, verify it, print the report
#   make backend-demo  endpoint, backend and phones of the sample in samples/mobile_backend
#   make kiosk-demo    the kiosk in samples/nfc_kiosk, with virtual cards; prints the address of its page
#   make quick    within a minute: ruff, mypy of the package, import-linter, and the tests of the core, without a reader
#   make test     check, the tests, the tests of the built wheel in a fresh environment, and newest
#   make check    ruff, mypy, import-linter
#   make newest   quick, on the newest Python of this machine where that is not the one of .venv
#   make bindings build the bindings in other languages (bindings/)
#   make bindings-test  their tests
#   make bench    how long a verification takes, as ratios; how long a reading takes, over real stacks
#   make bench-print  reading, comparing and masking what is printed, judged on some 500 pictures; its table is benchmarks/print-results.md
#   make docs     build the documentation into site/
#   make pins     refresh constraints.txt (of the newest versions that are allowed)
#   make clean    remove everything that was built, .venv aside

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
BUILD := build
PINS := constraints.txt
# Half of the time the tests wait for a service to see a card, so more of them run at once than there are cores.
TEST_JOBS := 4
# Debian packages, installed where apt is there and we are root: for demo, and for the tests of the readers, which run
# against a PC/SC service of their own (pcscd with the virtual reader of vsmartcard).
APT_PACKAGES := python3-venv
# What "quick" runs: the core, from values to verification and from link to session; not what goes through everything there is
# (each bit of each file, each class, instruction and parameter).
QUICK_TESTS := tests/values tests/files tests/evidence tests/verification tests/card tests/link tests/test_vectors.py tests/test_errors.py \
	tests/test_strict_json.py tests/test_check_card.py
NOT_QUICK := --ignore=tests/verification/test_bit_flips.py -k 'not test_every_ and not test_false_paddings'
APT_READERS := pcscd vsmartcard-vpcd libpcsclite-dev gcc libc6-dev libusb-1.0-0
# The endpoint is tested on PostgreSQL too: a server of the tests' own, not the one that the package would start.
APT_DATABASE := postgresql
# Virtual cards are printed in typefaces of these.
APT_FONTS := fonts-ipaexfont-gothic fonts-ipaexfont-mincho fonts-noto-cjk

# The kiosk's page is tested in this browser.
APT_BROWSER := chromium

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CONSTRAINT := $(CURDIR)/$(PINS)

# The first Python on the path that is new enough, and the newest.
FIND_PYTHON = for p in $${PYTHON:-python3} python3.11 python3.12 python3.13 python3.14; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$p"; exit 0; fi; done; \
	echo "mnverify needs Python 3.11 or newer" >&2; exit 1

FIND_NEWEST = for p in python3.15 python3.14 python3.13 python3.12; do \
	if "$$p" -c 'import ensurepip, venv' 2>/dev/null; then echo "$$p"; break; fi; done

.PHONY: help demo backend-demo kiosk-demo quick test check tests wheel newest bench bench-print docs pins clean bindings bindings-test \
	bindings-typescript bindings-test-typescript bindings-kotlin bindings-test-kotlin

help:
	@sed -n 's/^#   //p' Makefile

# --- environment ---------------------------------------------------------------------------------------------------

$(BIN)/python:
	@python=$$($(FIND_PYTHON)); \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(APT_PACKAGES); \
		else echo "please install: $(APT_PACKAGES)" >&2; exit 1; fi; \
	fi; \
	"$$python" -m venv $(VENV)

# What pyscard is built with, and what its tests talk to. A Debian Python brings its headers in a package of its own.
$(VENV)/.system: Makefile | $(BIN)/python
	@missing="$(APT_READERS)"; \
	headers=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include") + "/Python.h")'); \
	if [ ! -e "$$headers" ]; then missing="$$missing python3-dev"; \
	elif command -v pcscd >/dev/null && command -v gcc >/dev/null && [ -e /usr/include/PCSC/winscard.h ] \
		&& ls /usr/lib*/libusb-1.0.so.0 /usr/lib/*/libusb-1.0.so.0 2>/dev/null | grep -q . \
		&& ls /usr/lib*/pcsc/drivers/serial/libifdvpcd.so >/dev/null 2>&1; then missing=; fi; \
	if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then \
		missing="$$missing $(APT_DATABASE)"; fi; \
	for font in ipaexg.ttf ipaexm.ttf NotoSansCJK-Regular.ttc NotoSerifCJK-Regular.ttc; do \
		if ! find /usr/share/fonts /usr/local/share/fonts $$HOME/.fonts -name "$$font" 2>/dev/null | grep -q .; then \
			missing="$$missing $(APT_FONTS)"; break; fi; done; \
	if ! command -v chromium >/dev/null; then missing="$$missing $(APT_BROWSER)"; fi; \
	if [ -n "$$missing" ]; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
		else echo "please install: $$missing" >&2; exit 1; fi; \
	fi
	@touch $@

# One stamp for each set of extras; pip does nothing where everything is there already.
$(VENV)/.virtual: EXTRAS = virtual
$(VENV)/.backend: EXTRAS = virtual,server,client
$(VENV)/.kiosk: EXTRAS = virtual,print,qr,ocr,server,client
$(VENV)/.quick: EXTRAS = virtual,print,client,server,archive,dev
$(VENV)/.dev: EXTRAS = virtual,print,pcsc,nfc,qr,ocr,client,server,archive,dev
$(VENV)/.dev: $(VENV)/.system
$(VENV)/.docs: EXTRAS = virtual,docs
$(VENV)/.virtual $(VENV)/.backend $(VENV)/.kiosk $(VENV)/.quick $(VENV)/.dev $(VENV)/.docs: pyproject.toml $(PINS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c $(PINS) -e ".[$(EXTRAS)]"
	@touch $@

# --- what people run -----------------------------------------------------------------------------------------------

demo: $(VENV)/.virtual
	@$(BIN)/mnverify demo

backend-demo: $(VENV)/.backend
	@$(BIN)/python -m samples.mobile_backend

kiosk-demo: $(VENV)/.kiosk
	@exec $(BIN)/python -m samples.nfc_kiosk.demo

quick: $(VENV)/.quick
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mnverify
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -n 2 $(QUICK_TESTS) $(NOT_QUICK)

test: check bindings tests bindings-test wheel newest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist worksteal $(if $(filter test,$(MAKECMDGOALS)),--ignore-glob='tests/bindings/test_kotlin_*')

# What users get: the wheel, alone in a fresh environment, run from outside the source tree.
wheel: $(VENV)/.dev
	$(BIN)/python -m tools.try_wheel

newest: | $(BIN)/python
	@newest=$$($(FIND_NEWEST)); \
	version='import sys; print("%d.%d" % sys.version_info[:2])'; \
	ours=$$($(BIN)/python -c "$$version"); \
	if [ -n "$$newest" ] && [ "$$($$newest -c "$$version")" != "$$ours" ]; then \
		$(MAKE) quick VENV=$(BUILD)/newest PYTHON="$$newest"; \
	else echo "no Python here is newer than $$ours: nothing to run once more"; fi

# --- other languages -----------------------------------------------------------------------------------------------

TYPESCRIPT := bindings/typescript
# smartcard is built from source: it talks to the PC/SC service.
APT_NODE := nodejs npm gcc g++ make libpcsclite-dev

bindings: bindings-typescript bindings-kotlin

bindings-test: bindings-test-typescript bindings-test-kotlin

$(TYPESCRIPT)/node_modules/.ready: $(TYPESCRIPT)/package.json $(TYPESCRIPT)/package-lock.json
	@if ! command -v npm >/dev/null || ! command -v g++ >/dev/null || [ ! -e /usr/include/PCSC/winscard.h ]; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			missing="$(APT_NODE)"; if command -v npm >/dev/null; then missing="$${missing#nodejs npm }"; fi; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
		else echo "please install: $(APT_NODE)" >&2; exit 1; fi; \
	fi
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "the TypeScript bindings need Node 20 or newer" >&2; exit 1; }
	cd $(TYPESCRIPT) && npm ci --silent
	@touch $@

bindings-typescript: $(TYPESCRIPT)/node_modules/.ready
	cd $(TYPESCRIPT) && npm run --silent build

bindings-test-typescript: bindings-typescript
	cd $(TYPESCRIPT) && npm run --silent test

KOTLIN := bindings/kotlin
APT_KOTLIN := openjdk-17-jdk-headless maven
MVN := mvn -q -B -f $(KOTLIN)/pom.xml
# What the modules and the two samples are built from, and what their tests read.
KOTLIN_SOURCES = $(shell find $(KOTLIN) samples/android_reader samples/mobile_backend/kotlin_phone \
	\( -name '*.kt' -o -name pom.xml \) -not -path '*/target/*') bindings/shared/mnverify.json
KOTLIN_DATA = $(wildcard bindings/shared/*.json tests/vectors/*.json tests/vectors/*/*.json tests/receipts/vectors/*.json)

$(KOTLIN)/target/.system:
	@if ! command -v mvn >/dev/null || ! command -v javac >/dev/null; then \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(APT_KOTLIN) >/dev/null; \
		else echo "please install: $(APT_KOTLIN)" >&2; exit 1; fi; \
	fi
	@mkdir -p $(@D) && touch $@

$(KOTLIN)/target/.built: $(KOTLIN)/target/.system $(KOTLIN_SOURCES)
	$(MVN) package -DskipTests
	@touch $@

$(KOTLIN)/target/.tested: $(KOTLIN)/target/.system $(KOTLIN_SOURCES) $(KOTLIN_DATA)
	$(MVN) package
	@touch $@ $(KOTLIN)/target/.built

# Where it is going to be tested, one call of Maven builds and tests: half of its time is the compiler.
bindings-kotlin: $(if $(filter test bindings-test bindings-test-kotlin,$(MAKECMDGOALS)),$(KOTLIN)/target/.tested,$(KOTLIN)/target/.built)

# The readings through PC/SC and the endpoint are in tests/bindings, with those of Python.
bindings-test-kotlin: export MNVERIFY_BUILT := bindings-test-kotlin
bindings-test-kotlin: bindings-kotlin $(VENV)/.dev
	$(BIN)/python -m pytest -q -n 2 tests/bindings/test_kotlin_*.py

bench: $(VENV)/.dev bindings-typescript bindings-kotlin
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.readers
	$(BIN)/python -m benchmarks.server
	$(BIN)/python -m benchmarks.archive
	cd $(TYPESCRIPT) && npm run --silent bench
	$(BIN)/python -m benchmarks.kotlin
	$(BIN)/python -m benchmarks.qr
	$(BIN)/python -m benchmarks.glyphs
	$(BIN)/python -m benchmarks.text_fits

# About half an hour. It goes on where it was stopped; RANGE=0:100 is a slice.
bench-print: $(VENV)/.dev
	$(BIN)/python -m benchmarks.prints --range $(or $(RANGE),:) --table benchmarks/print-results.md

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --clean

# --- keeping -------------------------------------------------------------------------------------------------------

pins: export PIP_CONSTRAINT :=
pins: | $(BIN)/python
	rm -rf $(BUILD)/pins
	$(BIN)/python -m venv $(BUILD)/pins
	$(BUILD)/pins/bin/python -m pip install --quiet ".[virtual,print,pcsc,nfc,qr,ocr,client,server,archive,dev,docs]" hatchling
	{ echo "# What 'make test' and 'make docs' install. Refresh with: make pins"; \
	  $(BUILD)/pins/bin/python -m pip freeze --exclude mnverify; } > $(BUILD)/pins.txt
	mv $(BUILD)/pins.txt $(PINS)
	rm -rf $(BUILD)/pins

clean:
	rm -rf $(KOTLIN)/target $(KOTLIN)/*/target samples/android_reader/target samples/mobile_backend/kotlin_phone/target
	rm -rf $(TYPESCRIPT)/dist $(TYPESCRIPT)/node_modules $(TYPESCRIPT)/src/core/generated.ts
	rm -rf $(BUILD) dist site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
