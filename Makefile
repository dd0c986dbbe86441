# Thin on purpose: CMakePresets.json and tools/ do the work.
.PHONY: help run test build unit e2e sim fuzz bench fmt lint clean
TIME ?= 60

help:
	@echo 'make run              install what is missing, build, start the broker with the demo; Ctrl-C stops it'
	@echo 'make test             install what is missing, build, run everything: what CI does'
	@echo
	@echo 'make build            build/release/mqttio'
	@echo 'make unit             the unit tests; those of one room: build/release/<room>_test'
	@echo 'make e2e              the real binary with other clients, proxies, a browser; FILES=wire.test.mjs'
	@echo 'make sim              the simulator; SEED=7 for that one alone, SEEDS=1000 for so many'
	@echo 'make fuzz             each fuzz target in turn; TARGET=http_request TIME=60'
	@echo 'make bench            speed and memory'
	@echo 'make fmt, make lint   clang-format, clang-tidy'
	@echo 'make clean            remove build/'

run: build
	@exec build/release/mqttio serve

test:
	@tools/bootstrap test
	@tools/test

build:
	@tools/bootstrap run
	@tools/build release mqttio

unit:
	@tools/bootstrap unit
	@tools/build release
	@ctest --test-dir build/release --output-on-failure --no-tests=error

e2e: build
	@tools/bootstrap test
	@tools/e2e $(FILES)

sim:
	@tools/bootstrap unit
	@tools/build release sim_test
	@$(if $(SEED),MQTTIO_SIM_SEED=$(SEED) )$(if $(SEEDS),MQTTIO_SIM_SEEDS=$(SEEDS) )build/release/sim_test

fuzz:
	@tools/bootstrap clang
	@tools/build asan
	@for target in $(or $(TARGET),$(wildcard fuzz/*_fuzz.cc)); do tools/fuzz $$target $(TIME) || exit 1; done

bench:
	@tools/bootstrap bench
	@tools/build release
	@tools/bench

fmt:
	@tools/bootstrap clang
	@tools/format

lint:
	@tools/bootstrap clang
	@tools/lint

clean:
	rm -rf build
