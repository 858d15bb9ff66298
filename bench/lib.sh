# lib.sh - the server of bench/run; to be sourced by bash after script/lib.sh
#
# It is tuned so that nothing but the work is measured: no JIT, all rows in shared buffers, no autovacuum; one
# process, unless a comparison asks for more.

ROWS=1000000
RUNS=5
QUICK=
PYTHON=/usr/bin/python3
PEER_PACKAGES=(python3-numpy python3-psycopg2 python3-sklearn python3-faiss python3-torch r-base-core r-cran-e1071)

# no NOTICE of a training that was told to stop early
server_settings()
{
	local mb=$((ROWS / 1000 * 1024 / 1000))		# a table must be below a quarter of it to stay

	[ -n "$QUICK" ] || [ "$mb" -ge 3072 ] || mb=3072
	printf '%s\n' "shared_buffers = '$((mb < 512 ? 512 : mb))MB'" "max_parallel_workers_per_gather = 0" \
		"max_parallel_maintenance_workers = 0" "max_worker_processes = 16" "max_parallel_workers = 16" \
		"jit = off" "autovacuum = off" "work_mem = '64MB'" "client_min_messages = warning" \
		"max_wal_size = '16GB'" "checkpoint_timeout = '1h'" "wal_level = minimal" "max_wal_senders = 0"
}

start_bench_server()
{
	run "$BIN/initdb" -D "$WORK/data" -U postgres -A trust -E UTF8 --no-sync >"$WORK/log/initdb" 2>&1 ||
		{ cat "$WORK/log/initdb"; return 1; }
	server_settings >>"$WORK/data/postgresql.conf"
	run "$BIN/pg_ctl" -D "$WORK/data" -w -s -l "$WORK/log/server" \
		-o "-c listen_addresses='' -c unix_socket_directories='$WORK/tmp' -c fsync=off" start ||
		{ tail -n 30 "$WORK/log/server"; return 1; }
}

# the extension, the programs beside it, a server
prepare_bench()
{
	choose_postgres "$MAJOR" "${BUILD_PACKAGES[@]}"
	ensure_packages "${BUILD_PACKAGES[@]}" "${SERVER_PACKAGES[@]}"
	prepare_tree
	say "building fuzzyclust for $("$PG_CONFIG" --version)"
	{ build_extension && run make -s -C bench; } >"$WORK/log/build" 2>&1 ||
		{ tail -n 50 "$WORK/log/build"; die "the extension does not build"; }
	start_bench_server && run_psql -c 'CREATE EXTENSION fuzzyclust' ||
		die "the server does not start"
}

# the rows of data.sql, and the procedures that measure
make_rows()
{
	say
	say "making $ROWS rows"
	run_psql -c "ALTER DATABASE postgres SET bench.runs = $RUNS" &&
		run_psql -v rows="$ROWS" -v dims=16 -v groups=10000 -f bench/data.sql &&
		run_psql -f bench/measure.sql || die "the data cannot be made"
}

# the maximum speed of one core, into bench.machine
measure_machine()
{
	run sh -c 'build/bench/limit >build/bench/limit.tsv' &&
		run_psql -c '\copy bench.machine from build/bench/limit.tsv' || die "the machine cannot be measured"
}

# the conditions of the measurement
describe_machine()
{
	local cpu

	cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
	say
	say "cpu:        ${cpu:-$(uname -m)}, $(nproc) cores, load $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null)"
	say "compiler:   $(gcc --version | head -n 1)"
	say "server:     $("$PG_CONFIG" --version)"
	say "fuzzyclust: $(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo 'no commit known'), $(date +%F)"
	say "runs:       $RUNS of each; warm cache, no JIT"
}
