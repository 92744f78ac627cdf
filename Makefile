# Everything below sets itself up: a virtual environment in .venv from the locked packages, and the speech model.
# Needed: a Python that the lock covers, make, and a package index that pip reaches. `make help` lists the targets.

OLDEST_PYTHON := 3.11
NEWEST_PYTHON := 3.14
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11

CALLS ?= samples/calls

# Processes that share the tests; WORKERS=0 runs them in this one, for --pdb and coverage.
WORKERS ?= 2
SHARED := $(if $(filter-out 0,$(WORKERS)),-n $(WORKERS) --dist worksteal)
# Markers of tests that need more than `make setup` installs: each has a target of its own.
ELSEWHERE := postgres or cluster or browser or extra

VENV := .venv
BIN := $(VENV)/bin
MODEL_FOLDER := $(or $(BELSCORE_MODELS),models)
DEFAULT_MODEL := $(shell sed -n 's/^default = "\(.*\)"/\1/p' models/manifest.toml)

# Stamps: each stands for a step that ended well, and is made by the step's last command.
PACKAGES := $(VENV)/.packages-installed
READY := $(VENV)/.belscore-installed
MODEL := $(MODEL_FOLDER)/$(DEFAULT_MODEL)/.fetched

# What would send the installation elsewhere than .venv, or other code into it. Index settings are left as they are.
unexport PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_NO_BINARY PIP_ONLY_BINARY PIP_REQUIRE_VIRTUALENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

##@ Use
.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z-]*:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) $(MODEL) ## install belscore in .venv and fetch the default model (PYTHON=python3.12 to choose one)

.PHONY: score
score: setup ## score recordings and print the scorecards (CALLS="file folder ..." FORMAT=json ARGS="--out ...")
	@$(BIN)/belscore score $(CALLS) $(if $(FORMAT),--format $(FORMAT)) $(ARGS)

.PHONY: serve
serve: setup ## serve the pages to practise on this machine, without logging in (ARGS="--store ... --port 8020"; PRACTICE= to log in)
	@$(BIN)/belscore serve $(PRACTICE) $(ARGS)

PRACTICE ?= --practice

.PHONY: models
models: $(READY) ## fetch a speech model (NAME=small; without NAME the default) and list what is there
	@$(BIN)/belscore models fetch $(NAME) >&2
	@$(BIN)/belscore models list

##@ Check
.PHONY: test
test: setup ## run the tests, those with the real model too (WORKERS=0 in one process; ARGS="-k hold -x")
	@$(BIN)/python -m pytest $(SHARED) -m "not ($(ELSEWHERE))" $(ARGS)

.PHONY: test-fast
test-fast: $(READY) ## run the tests that need no model, without the slow ones
	@$(BIN)/python -m pytest $(SHARED) -m "not ($(ELSEWHERE) or model or slow)" $(ARGS)

.PHONY: test-postgres
test-postgres: $(READY) ## run the tests of the store on a real PostgreSQL server (root on Debian: installs one)
	@mkdir -p build
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null && \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "test-postgres: installing postgresql with apt-get" >&2; \
	  (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql) \
	    >build/apt.log 2>&1 || echo "test-postgres: apt-get could not install postgresql, see build/apt.log" >&2; \
	fi
	@awk '/^psycopg(-binary)?==/ {on = 1} on {print} on && !/\\$$/ {on = 0}' requirements-extras.lock >build/psycopg.txt
	@$(BIN)/python -c 'import psycopg' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r build/psycopg.txt >&2 || \
	  echo "test-postgres: psycopg could not be installed, see above" >&2
	@$(BIN)/python -m pytest $(SHARED) -m postgres $(ARGS)

.PHONY: test-cluster
test-cluster: $(READY) ## run the tests of batches on a real Ray cluster on this machine (downloads 80 MB the first time)
	@$(BIN)/python -c 'import ray' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements-extras.lock >&2 || \
	  echo "test-cluster: ray could not be installed, see above" >&2
	@$(BIN)/python -m pytest -m cluster $(ARGS)

# Playwright drives Debian's Chromium: it brings no browser of its own here.
.PHONY: test-web
test-web: setup ## run the tests of the pages in a real browser (root on Debian: installs Chromium; downloads 60 MB the first time)
	@mkdir -p build
	@if ! command -v chromium >/dev/null && [ -z "$$BELSCORE_CHROMIUM" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "test-web: installing chromium with apt-get" >&2; \
	  (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium) \
	    >build/apt-chromium.log 2>&1 || echo "test-web: apt-get could not install chromium, see build/apt-chromium.log" >&2; \
	fi
	@$(CHECKS)
	@$(BIN)/python -m pytest $(SHARED) -m "browser or extra" $(ARGS) || { \
	  echo "test-web: a busy machine keeps a browser waiting; those that failed once more, one at a time" >&2; \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none -m "browser or extra" $(ARGS); }

.PHONY: lint
lint: $(READY) ## check style and format with ruff
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

.PHONY: types
types: $(READY) ## check the types with mypy, strict
	@$(BIN)/python -m mypy

.PHONY: rules
rules: $(READY) ## check every rule (form, examples, mutations) and the verdicts on the texts of the samples
	@$(BIN)/belscore rules check
	@$(BIN)/belscore check samples/calls --text

.PHONY: audit
audit: $(READY) ## look for known weaknesses in the code, the packages and the workflow, and list the packages (build/sbom.json)
	@mkdir -p build
	@$(CHECKS)
	@$(BIN)/python bench/audit.py

.PHONY: mutants
mutants: $(READY) ## change the words that each verdict on the samples rests on, and list the verdicts that stand
	@$(BIN)/belscore check samples/calls --text --mutants

.PHONY: check-samples
check-samples: setup ## check the verdicts on the recordings of the samples (takes minutes; ARGS="--format junit")
	@$(BIN)/belscore check samples $(ARGS)

.PHONY: check
check: ## run everything that CI runs
	@bash .ci/run

##@ Make anew
.PHONY: samples
samples: $(READY) ## generate the sample calls anew (NAMES="klacht-goed ..."; needs espeak-ng, mbrola, mbrola-nl2 and mbrola-nl3)
	@$(BIN)/python samples/generator/make.py $(NAMES)

.PHONY: turn-models
turn-models: $(READY) ## train the models that tell turns and whole calls, rules/models/ (ARGS="klacht" to measure one only)
	@$(BIN)/python bench/train_turns.py $(or $(ARGS),--write)

.PHONY: remark-models
remark-models: $(READY) ## train the models that tell what an agent's turn does, rules/models/ (ARGS="klacht-begrip" to measure one only)
	@$(BIN)/python bench/train_remarks.py $(or $(ARGS),--folds 0 --write)

.PHONY: picture
picture: $(READY) ## draw the scorecard of a call for the documentation, docs/scorecard.svg (CALL=...)
	@$(BIN)/python bench/scorecard_picture.py $(or $(CALL),samples/calls/klacht-te-vroeg-excuus.call)

.PHONY: pictures
pictures: $(READY) ## make the pictures of the pages for the documents, docs/pictures (needs Chromium)
	@$(CHECKS)
	@$(BIN)/python bench/pictures.py $(ARGS)

# Resolved for every Python and platform at once, which pip cannot; uv lives in a folder of its own and is no part of set-up.
.PHONY: lock
lock: ## resolve requirements.lock anew from pyproject.toml
	@$(FIND_PYTHON); "$$python" -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet --only-binary :all: uv
	build/lock/bin/uv pip compile pyproject.toml --group dev --group lock --output-file requirements.lock \
	  --universal --python-version $(OLDEST_PYTHON) --upgrade --generate-hashes --no-annotate \
	  --no-emit-package httpx2-jsfetch --custom-compile-command "make lock" --quiet
	build/lock/bin/uv pip compile pyproject.toml --all-extras --group dev --group lock --output-file requirements-extras.lock \
	  --universal --python-version $(OLDEST_PYTHON) --generate-hashes --no-annotate --constraint requirements.lock \
	  --no-emit-package httpx2-jsfetch --custom-compile-command "make lock" --quiet
	build/lock/bin/uv pip compile pyproject.toml --extra oidc --group dev --group checks --group lock --output-file requirements-checks.lock \
	  --universal --python-version $(OLDEST_PYTHON) --generate-hashes --no-annotate --constraint requirements-extras.lock \
	  --no-emit-package httpx2-jsfetch --custom-compile-command "make lock" --quiet

.PHONY: clean
clean: ## remove the virtual environment and all caches (models and scorecards stay)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
	find bench pipeline samples tests -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Measure
.PHONY: bench-start-up
bench-start-up: $(READY) ## time cold starts: belscore --help, and scoring a transcript
	@$(BIN)/python bench/start_up.py

.PHONY: bench-rule-cards
bench-rule-cards: $(READY) ## measure each rule on the labelled dialogues and make docs/regelkaarten.md (ARGS=--check)
	@$(BIN)/python bench/rule_cards.py $(or $(ARGS),--measure)

.PHONY: bench-web-paint
bench-web-paint: $(READY) ## measure the first paint of a page in Chromium, a call of ten minutes (ARGS="--store ... --page /gesprekken")
	@$(CHECKS)
	@$(BIN)/python bench/web_paint.py $(ARGS)

.PHONY: bench-web-list
bench-web-list: $(READY) ## time the list of calls over 30,000 of them (STORE=month.db)
	@$(CHECKS)
	@$(BIN)/python bench/web_list.py $(or $(STORE),build/month.db) $(ARGS)

.PHONY: bench-web-load
bench-web-load: setup ## let twenty people hand in a recording at once, and time the pages meanwhile
	@$(BIN)/python bench/web_load.py $(ARGS)

.PHONY: bench-redaction
bench-redaction: setup ## measure what of callers is found and taken out, in text and from sound (ARGS="text --detail")
	@$(BIN)/python bench/redaction.py $(or $(ARGS),text dialogues audio)

.PHONY: bench-abuse
bench-abuse: $(READY) ## decode ten thousand broken files over fifteen encodings (ARGS="--files 1000")
	@$(BIN)/python bench/abuse.py $(ARGS)

.PHONY: bench-at-rest
bench-at-rest: $(READY) ## time encryption, purging and erasing on a made-up month (ARGS="--calls 30000")
	@$(BIN)/python bench/at_rest.py $(ARGS)

.PHONY: bench-ledger
bench-ledger: $(READY) ## measure when promises and appointments are due, against labels (ARGS=--calls for all dialogues)
	@$(BIN)/python bench/ledger.py $(ARGS)

.PHONY: bench-topics
bench-topics: $(READY) ## measure whether two questions of a caller are about the same thing, against labels
	@$(BIN)/python bench/topics.py $(ARGS)

.PHONY: bench-no-speech
bench-no-speech: setup ## count the words found where nobody speaks (ARGS="--plain --music FOLDER")
	@$(BIN)/python bench/no_speech.py $(ARGS)

.PHONY: bench-question-trees
bench-question-trees: $(READY) ## measure what question trees find in labelled calls, on right and on misheard words (ARGS="--half blind")
	@$(BIN)/python bench/question_trees.py $(ARGS)

.PHONY: bench-second-look
bench-second-look: setup ## measure what a second look at the sound finds and makes up (ARGS="--spoken 100 --examples 40")
	@$(BIN)/python bench/second_look.py $(ARGS)

.PHONY: bench-web-proxy
bench-web-proxy: $(READY) ## run the manual's examples for nginx and Caddy before a real server (root; needs both; ARGS=nginx for one)
	@$(BIN)/python bench/web_proxy.py $(ARGS)

.PHONY: bench-reports
bench-reports: $(READY) ## time every report on a made-up month of 30,000 calls (STORE=month.db ARGS="--runs 3")
	@$(BIN)/python bench/reports.py $(or $(STORE),build/month.db) $(ARGS)

.PHONY: bench-rescore
bench-rescore: $(READY) ## time judging stored calls again (ARGS="--calls 30000 --jobs 2")
	@$(BIN)/python bench/rescore.py $(ARGS)

.PHONY: bench-scaling
bench-scaling: setup ## measure how a batch grows with workers and calls (ARGS="--calls 10 100 --workers 1 2 4 --executor ray", --text, --paper)
	@$(BIN)/python bench/scaling.py $(ARGS)

.PHONY: bench-month
bench-month: $(READY) ## fill a store with a made-up month of calls and time it (STORE=month.db ARGS="--calls 30000")
	@$(BIN)/python bench/month.py $(or $(STORE),build/month.db) $(ARGS)

.PHONY: bench-speed-rules
bench-speed-rules: $(READY) ## time the scoring of stored calls on one core (ARGS="--calls 200 --profile")
	@$(BIN)/python bench/speed_rules.py $(ARGS)

.PHONY: bench-common-words
bench-common-words: $(READY) ## list the commonest words of labelled dialogues, by which phrases are looked for (FOLDER=... ARGS="--words 240")
	@$(BIN)/python bench/common_words.py $(FOLDER) $(ARGS)

.PHONY: bench-slots
bench-slots: $(READY) ## measure verdicts on lines that alone decide a rule (FILES="tests/slots/s6.txt" ARGS="--only RULE --detail")
	@$(BIN)/python bench/slots.py $(or $(FILES),$(wildcard tests/slots/*.txt)) $(ARGS)

.PHONY: bench-dialogues
bench-dialogues: $(READY) ## measure verdicts on labelled dialogues (FOLDER=tests/dialogues ARGS=--detail)
	@$(BIN)/python bench/dialogues.py $(or $(FOLDER),tests/dialogues) $(ARGS)

.PHONY: bench-rules
bench-rules: $(READY) ## measure the verdicts on right and on misheard words, and draw docs/ruis.svg (FOLDER=... ARGS=--detail)
	@$(BIN)/python bench/rules.py $(FOLDER) $(if $(FOLDER),,--picture docs/ruis.svg) $(ARGS)

.PHONY: bench-rules-audio
bench-rules-audio: setup ## measure verdicts from text, from sound and on misheard words, and draw docs/geluid.svg (ARGS="--spoken 6")
	@$(BIN)/python bench/rules_audio.py --picture docs/geluid.svg $(ARGS)

.PHONY: bench-situations
bench-situations: $(READY) ## measure the situations on labelled sentences, those held out apart (ARGS=--detail; ARGS=--calls for complaints in whole calls, by path)
	@$(BIN)/python bench/situations.py $(ARGS)

.PHONY: bench-likely-situations
bench-likely-situations: $(READY) ## measure the situations that all words of a call open where no cue tells of them
	@$(BIN)/python bench/likely_situations.py $(ARGS)

.PHONY: bench-corruption
bench-corruption: $(READY) ## measure which verdicts one misheard word in four changes (FOLDER=tests/dialogues)
	@$(BIN)/python bench/corruption.py $(or $(FOLDER),tests/dialogues) $(ARGS)

.PHONY: bench-branches
bench-branches: $(READY) ## list the branches of the check kinds that no example takes (ARGS="--also samples dialogues misheard --detail")
	@$(BIN)/python bench/check_branches.py $(ARGS)

.PHONY: bench-confusions
bench-confusions: setup ## measure which words the recogniser mishears, and how (FOLDER=samples/calls ARGS=--words)
	@$(BIN)/python bench/confusions.py $(or $(FOLDER),samples/calls) $(ARGS)

.PHONY: bench-hearing
bench-hearing: $(READY) ## measure speech spans and turn-taking on recordings with exact truth (FOLDER=... ARGS="--noise -55")
	@$(BIN)/python bench/hearing.py $(FOLDER) $(ARGS)

.PHONY: bench-voices
bench-voices: setup ## measure who said what with both parties on one channel (FOLDER=... ARGS="--cache build/words")
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/voices.py $(FOLDER) $(ARGS)

.PHONY: bench-third-voices
bench-third-voices: setup ## measure a colleague on one channel, dialogues spoken anew with recorded voices (FOLDER=shared/recorded-dev ARGS="--detail")
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/third_voices.py $(or $(FOLDER),../shared/recorded-dev) $(ARGS)

.PHONY: bench-tempo
bench-tempo: setup ## measure the speaking rate against known text (FOLDER=samples/calls ARGS="--noise -50 --spoken 8")
	@$(BIN)/python bench/tempo.py $(or $(FOLDER),samples/calls) $(ARGS)

.PHONY: bench-tones
bench-tones: $(READY) ## measure which tones, key presses and music are found (FOLDER=... of speech without any, ARGS="--music ...")
	@$(BIN)/python bench/tones.py $(if $(FOLDER),--speech $(FOLDER)) $(ARGS)

.PHONY: bench-hearing-cost
bench-hearing-cost: setup ## compare the time that hearing takes with that of transcription (FOLDER=samples/calls)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python bench/hearing_cost.py $(or $(FOLDER),samples/calls) $(ARGS)

.PHONY: bench-second-run
bench-second-run: setup ## measure what scoring the same recordings again costs (FOLDER=samples/calls)
	@$(BIN)/python bench/second_run.py $(or $(FOLDER),samples/calls)

.PHONY: bench-speed
bench-speed: setup ## compare time and words with faster-whisper the plain way (FOLDER=... ARGS="--rounds 3 --command ...")
	@$(BIN)/python bench/speed.py $(FOLDER) $(ARGS)

.PHONY: bench-confidence
bench-confidence: setup ## measure what word probabilities mean, and draw docs/zekerheid.svg (FOLDER=... with known words)
	@$(BIN)/python bench/confidence.py $(FOLDER) --picture docs/zekerheid.svg $(ARGS)

.PHONY: bench-foreign
bench-foreign: $(READY) ## measure verdicts on transcripts of other tools (ARGS="--step 3 --sound 30")
	@$(BIN)/python bench/foreign.py $(FOLDER) $(ARGS)

.PHONY: bench-wer
bench-wer: setup ## measure word errors on recordings with known words (FOLDER=... ARGS=--plain)
	@$(BIN)/python bench/wer.py $(FOLDER) $(ARGS)

.PHONY: bench-word-times
bench-word-times: setup ## measure when words were said against speech with known times (needs espeak-ng, mbrola; ARGS="--talks FOLDER")
	@$(BIN)/python bench/word_times.py $(FOLDER) $(ARGS)

# Packages of the group `checks`, beside those that `make setup` installs.
define CHECKS
$(BIN)/python -c 'import playwright, schemathesis, authlib, bandit' 2>/dev/null || \
  $(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements-checks.lock >&2 || \
  echo "the packages of requirements-checks.lock could not be installed, see above" >&2
endef

# Sets $python to the first one of PYTHONS (or to PYTHON) that the lock covers and that can make environments; or says
# in one line what is missing.
define FIND_PYTHON
python=; bare=; found=; \
for candidate in $(if $(PYTHON),"$(PYTHON)",$(PYTHONS)); do \
  version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
  found="$${found:+$$found, }$$candidate is $$version"; \
  "$$candidate" -c 'import sys; low, high = [tuple(map(int, text.split("."))) for text in sys.argv[1:]]; \
    sys.exit(not low <= sys.version_info[:2] <= high)' $(OLDEST_PYTHON) $(NEWEST_PYTHON) || continue; \
  if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
  bare="$${bare:-$$candidate}"; \
done; \
if [ -z "$$python" ] && [ -n "$$bare" ]; then \
  echo "set-up: $$bare cannot make virtual environments; install its venv package (Debian, Ubuntu: apt install python3-venv)" >&2; \
  exit 1; \
elif [ -z "$$python" ]; then \
  echo "set-up: no Python from $(OLDEST_PYTHON) to $(NEWEST_PYTHON) ($${found:-$(or $(PYTHON),$(firstword $(PYTHONS))) does not run});" \
    "install one, or name it: make setup PYTHON=/path/to/python3.12" >&2; \
  exit 1; \
fi
endef

# The stamp says where the environment was made (it cannot be moved) and, when PYTHON is named, with what. Where that or
# the interpreter is gone, where no stamp stands since set-up was cut short, or where the lock changed, it is made anew:
# a package of which half was written looks installed to pip.
MADE_FOR := $(shell test -x $(BIN)/python && sed -n $(if $(PYTHON),p,1p) $(PACKAGES) 2>/dev/null)
ifneq ($(MADE_FOR),$(CURDIR)$(if $(PYTHON), $(PYTHON)))
$(PACKAGES): FORCE
endif
.PHONY: FORCE
FORCE:

$(PACKAGES): requirements.lock
	@$(FIND_PYTHON); \
	echo "set-up: making $(VENV) with $$python ($$("$$python" -V)) and installing the locked packages; this takes minutes" >&2; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV) >&2 && \
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock >&2 || { \
	  echo "set-up: the packages could not be installed, see above; check the network and pip's settings and run make again" >&2; \
	  exit 1; }; \
	printf '%s\n' "$(CURDIR)" "$$python" > $@

# The second line writes the byte code, which a first run would otherwise spend its start on.
$(READY): $(PACKAGES) pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable . >&2
	@$(BIN)/python -m compileall -q pipeline/belscore >&2
	@touch $@

$(MODEL): models/manifest.toml | $(READY)
	@echo "set-up: fetching the speech model $(DEFAULT_MODEL)" >&2
	@$(BIN)/belscore models fetch >&2
	@touch $@
