# lib.sh - what bench/run and bench/peers share; to be sourced by bash after script/lib.sh
#
# A server of its own, tuned so that nothing but the work is measured: one process, no JIT, all rows in
# shared buffers, no autovacuum; and the data of data.sql in it.

ROWS=1000000
RUNS=5

# no NOTICE of a training that was told to stop early
server_settings()
{
	local mb=$((ROWS / 1000 * 1024 / 1000))		# a table must be below a quarter of it to stay

	printf '%s\n' "shared_buffers = '$((mb < 256 ? 256 : mb))MB'" "max_parallel_workers_per_gather = 0" \
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

# the extension, the programs beside it, a server with the data
prepare_bench()
{
	choose_postgres "$MAJOR" "${BUILD_PACKAGES[@]}"
	ensure_packages "${BUILD_PACKAGES[@]}" "${SERVER_PACKAGES[@]}"
	prepare_tree
	say "building fuzzyclust for $("$PG_CONFIG" --version)"
	{ build_extension && run make -s -C bench; } >"$WORK/log/build" 2>&1 ||
		{ tail -n 50 "$WORK/log/build"; die "the extension does not build"; }
	start_bench_server || die "the server does not start"
	say "making $ROWS rows"
	run_psql -c 'CREATE EXTENSION fuzzyclust' -c "ALTER DATABASE postgres SET bench.runs = $RUNS" &&
		run_psql -v rows="$ROWS" -v dims=16 -v groups=10000 -f bench/data.sql &&
		run_psql -f bench/measure.sql || die "the data cannot be made"
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
	say "runs:       $RUNS of each; single process, warm cache, no JIT"
}
