# make                  the extension, for the PostgreSQL of $(PG_CONFIG); it loads OpenBLAS
#                       by the name $(BLAS_SONAME), when a spectral clustering needs it
# make install          ... into that PostgreSQL
# make installcheck     regression, isolation and TAP tests, against that PostgreSQL
# make unit             tests of the core under sanitizers, without PostgreSQL
# make fuzz             fuzzers of the core, FUZZ_SECONDS or FUZZ_RUNS each
# make options-sql      what follows from the tables of options: SQL, and part of the reference
# make typedefs         typedefs.list again, for pgindent
#
# script/test does all of it in a private copy, with a server of its own.

EXTENSION = fuzzyclust
MODULE_big = $(EXTENSION)
CORE = $(sort $(wildcard src/*.c $(foreach layer,core nn algo spectral deep,src/$(layer)/*.c)))
OBJS = $(patsubst %.c,%.o,$(CORE) $(sort $(wildcard src/pg/*.c src/pg/*/*.c)))
# not HEADERS: PGXS would install them
SOURCE_HEADERS = $(wildcard src/*.h src/*/*.h src/pg/*/*.h)
DATA = $(sort $(wildcard sql/*--*.sql))
PGFILEDESC = "fuzzyclust - fuzzy and deep fuzzy clustering in SQL"

# inputs in test/sql and test/specs; expected output in expected, actual output in results
REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --load-extension=$(EXTENSION)
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=$(EXTENSION)
TAP_TESTS = 1
PROVE_TESTS = test/t/*.pl

EXTRA_CLEAN = build

# OpenBLAS is loaded by the server, where it is needed: by this name
BLAS_SONAME ?= $(shell $(srcdir)/script/soname openblas libopenblas.so.0)
# its flags, for the tests of the core, which are linked to it
BLAS_LIBS ?= $(shell pkg-config --libs openblas 2>/dev/null || echo -lopenblas)

# NaN must stay NaN, so no -ffast-math; errno and traps of libm are not used
NUMERIC = -O3 -fno-math-errno -fno-trapping-math
# the server's headers as system headers: their inline functions do not pass -Wextra
PG_CPPFLAGS = -I$(srcdir)/src -isystem $(includedir_server)
# COPT once more, so that make COPT=-O0 wins over NUMERIC
PG_CFLAGS = $(NUMERIC) -Wall -Wextra $(COPT)
SHLIB_LINK = -lm

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
# bitcode would need clang, and the server gains nothing from inlining our loops
override with_llvm = no
ifneq ($(PGXS),)
include $(PGXS)
else
all install installcheck clean:
	@echo "$(PG_CONFIG) is not there: install the server's development package, or make PG_CONFIG=/path/to/pg_config" >&2
	@false
endif

src/pg/lapack.o: override CPPFLAGS += -DFC_BLAS_SONAME='"$(BLAS_SONAME)"'

# PGXS tracks no headers
$(OBJS): $(SOURCE_HEADERS)

# ---- the core alone, without PostgreSQL's include path

UNIT_DIR = build/unit
UNIT = $(patsubst test/unit/%.c,$(UNIT_DIR)/%,$(sort $(wildcard test/unit/*.c)))
UNIT_CORE = $(patsubst %.c,$(UNIT_DIR)/%.o,$(CORE))
# tests of networks once more as NAME_double, with networks that calculate in double (src/nn/real.h)
UNIT_DOUBLE = $(patsubst test/unit/%.c,$(UNIT_DIR)/%_double,$(sort $(wildcard test/unit/nn_*.c)))
# ... and so does src/deep, but for the files that read the floats of a model, which these tests do not call
FLOAT_DEEP = $(patsubst %,$(UNIT_DIR)/src/deep/%.o,distance fit head head_rows head_use joint refine use variational)
DOUBLE_DEEP = $(filter-out $(FLOAT_DEEP),$(filter $(UNIT_DIR)/src/deep/%,$(UNIT_CORE)))
UNIT_DOUBLE_CORE = $(patsubst $(UNIT_DIR)/src/nn/%,$(UNIT_DIR)/double/src/nn/%,\
	$(patsubst $(UNIT_DIR)/%,$(UNIT_DIR)/double/%,$(DOUBLE_DEEP)) $(filter-out $(DOUBLE_DEEP),$(UNIT_CORE)))
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_OPTIMIZE = -O1
UNIT_CFLAGS = -std=gnu11 -g $(UNIT_OPTIMIZE) -Wall -Wextra -Werror $(SANITIZE) -MMD -MP -Isrc -Itest/unit
# in front of each program; another run is UNIT_DIR=build/valgrind SANITIZE= UNIT_RUN=valgrind
UNIT_RUN = timeout --foreground 1800
# gcc 13 and 14 give the stack that is watched after a return less than the 64 bytes of alignment
# that AVX-512 needs (gcc bug 110027)
UNIT_ENV = OPENBLAS_NUM_THREADS=1 ASAN_OPTIONS=detect_stack_use_after_return=0

.PRECIOUS: $(UNIT_DIR)/%.o $(UNIT_DIR)/double/%.o build/fuzz/%.o

# most of what tests of networks do are products: they take a third of the time so, sanitized or not
$(UNIT_DIR)/src/core/product.o: UNIT_CFLAGS += -O3

$(UNIT_DIR)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(UNIT_DIR)/double/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -DFC_NN_DOUBLE -c -o $@ $<

$(UNIT): $(UNIT_DIR)/%: $(UNIT_DIR)/test/unit/%.o $(UNIT_CORE)
	$(CC) $(SANITIZE) -o $@ $^ $(BLAS_LIBS) -lm

$(UNIT_DOUBLE): $(UNIT_DIR)/%_double: $(UNIT_DIR)/double/test/unit/%.o $(UNIT_DOUBLE_CORE)
	$(CC) $(SANITIZE) -o $@ $^ $(BLAS_LIBS) -lm

unit: $(UNIT:=.run) $(UNIT_DOUBLE:=.run)

# the log of a program that fails is shown; its last line is the program's totals, unless it died
$(UNIT:=.run) $(UNIT_DOUBLE:=.run): %.run: %
	@$(UNIT_ENV) $(UNIT_RUN) $* >$*.log 2>&1; status=$$?; \
	if [ $$status -ne 0 ]; then \
		tail -n 200 $*.log; \
		tail -n 1 $*.log | grep -q ' passed, [1-9][0-9]* failed$$' || \
			echo "$*: exit status $$status" | tee -a $*.log; \
	else \
		tail -n 1 $*.log; \
	fi; \
	exit $$status

FUZZ_DIR = build/fuzz
FUZZ = $(patsubst test/fuzz/%.c,$(FUZZ_DIR)/%,$(sort $(wildcard test/fuzz/*.c)))
FUZZ_CORE = $(patsubst %.c,$(FUZZ_DIR)/%.o,$(CORE))
FUZZ_CC = clang
FUZZ_SANITIZE = address,undefined
# not the operands of comparisons: they take a third of the time, and recipes have none
FUZZ_CFLAGS = -std=gnu11 -g -O2 -Wall -Wextra -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -fno-sanitize-coverage=trace-cmp \
	-fno-sanitize-recover=all -MMD -MP -Isrc -Itest/unit
# each fuzzer ends after this many seconds (0: never) or runs (-1: never), whichever comes first
FUZZ_SECONDS = 30
FUZZ_RUNS = -1
# longest input: recipes of test/fuzz/forge.h are short, models are not
FUZZ_LENGTH = 64
$(FUZZ_DIR)/model_fuzz.run: FUZZ_LENGTH = 2000000

$(FUZZ_DIR)/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -c -o $@ $<

$(FUZZ): $(FUZZ_DIR)/%: $(FUZZ_DIR)/test/fuzz/%.o $(FUZZ_CORE)
	$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ $(BLAS_LIBS) -lm

fuzz: $(FUZZ:=.run)
	@awk '/^stat::number_of_executed_units/ {runs += $$2} END {printf "fuzz: %.0f runs\n", runs}' $(FUZZ:=.log)

# seeds are test/fuzz/corpus/NAME; new inputs, and those that crash, stay under build/fuzz.  Memory
# is reused at once: getting new pages takes longer than a run.
FUZZ_ENV = $(UNIT_ENV):quarantine_size_mb=8:allocator_release_to_os_interval_ms=-1

$(FUZZ:=.run): %.run: %
	@mkdir -p $*.corpus; \
	if $(FUZZ_ENV) $* -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) -print_final_stats=1 \
		-timeout=20 -rss_limit_mb=4096 -max_len=$(FUZZ_LENGTH) -len_control=0 -entropic=0 \
		-artifact_prefix=$*. $*.corpus $(wildcard test/fuzz/corpus/$(@F:.run=)) >$*.log 2>&1; then \
		sed -n 's/^Done //p' $*.log; echo "$*: ok"; \
	else \
		tail -n 100 $*.log; echo "$*: failed"; exit 1; \
	fi

# ---- the program that prints SQL from the tables of options, for script/options-sql

OPTIONS_DIR = build/options
OPTIONS_OBJS = $(patsubst %.c,$(OPTIONS_DIR)/%.o,script/options_sql.c $(CORE))

$(OPTIONS_DIR)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O0 -Wall -Wextra -Werror -MMD -MP -Isrc -c -o $@ $<

$(OPTIONS_DIR)/options_sql: $(OPTIONS_OBJS)
	$(CC) -o $@ $^ -lm

options-sql:
	script/options-sql

.PHONY: unit $(UNIT:=.run) $(UNIT_DOUBLE:=.run) fuzz $(FUZZ:=.run) options-sql typedefs

-include $(wildcard $(UNIT_DIR)/*/*.d $(UNIT_DIR)/*/*/*.d $(UNIT_DIR)/double/*/*/*.d $(FUZZ_DIR)/*/*.d $(FUZZ_DIR)/*/*/*.d \
	$(OPTIONS_DIR)/*/*.d $(OPTIONS_DIR)/*/*/*.d)

typedefs:
	script/typedefs > typedefs.list.new
	mv typedefs.list.new typedefs.list
