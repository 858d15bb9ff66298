# lib.sh - functions shared by script/test and script/demo; to be sourced by bash
#
# The tree is copied to a temporary directory and built there, beside a copy of
# the PostgreSQL installation: programs, libraries, shared files, about 50 MB.
# A PostgreSQL finds its files relative to its own program, so the extension
# can be installed into the copy, the server runs from it, and neither the
# checkout nor the system nor any other server is touched.  This is what
# PostgreSQL's own "make check" does, and it needs no setting of any version.
#
# root prepares (servers refuse to run as root), user nobody builds and runs; an
# ordinary user does both.  The superuser of the servers has that user's name, so
# nothing can come to rely on one that is called postgres.
#
# After prepare_tree:	WORK	the temporary directory, removed at exit
#						TREE	copy of the tree in it
# After build_extension:	BIN		programs of the PostgreSQL that has the extension

set -u

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
JOBS=$(nproc 2>/dev/null || echo 2)
BUILD_PACKAGES=(make gcc libc6-dev pkg-config libopenblas-dev perl)

PG_CONFIG=${PG_CONFIG:-}	# pg_config of the PostgreSQL to build for
SERVER_PACKAGES=()			# what that one takes, if it is Debian's
WORK= TREE= BIN= CHILD=
KEEP=						# not empty: leave WORK, and a server in it, alone
NO_CLUSTER=					# file that keeps Debian from creating a cluster
APT_UPDATED=

# nothing of the caller's session may reach the build or the servers
export LC_ALL=C.UTF-8
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGOPTIONS \
	PGDATA PGSSLMODE PGAPPNAME PGCLIENTENCODING PGTZ PGDATESTYLE MAKEFLAGS MFLAGS MAKELEVEL \
	NODE_OPTIONS NODE_EXTRA_CA_CERTS PYTHONWARNINGS

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# the value $2 of the argument $1, which must match $3 as a whole; $4 describes it
check_value()
{
	[[ $2 =~ ^($3)$ ]] || die "$1 needs $4${2:+, not \"$2\"}; script/${0##*/} --help lists the arguments"
}

# ---- end

# remove everything that was made, however the script ends
cleanup()
{
	local others

	trap '' HUP INT TERM
	end_child
	others=$(jobs -p)
	[ -z "$others" ] || kill $others 2>/dev/null
	[ -z "$NO_CLUSTER" ] || rm -f "$NO_CLUSTER"
	if [ -n "$WORK" ] && [ -z "$KEEP" ]; then
		stop_servers
		# a server that is just ending may still write
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			rm -rf "$WORK" 2>/dev/null && break
			sleep 0.5
		done
	fi
}

# the command that run() waits for, with all that it started: make and timeout make
# process groups of their own, but all are of one session
end_child()
{
	[ -n "$CHILD" ] || return 0
	signal_session TERM
	for _ in $(seq 50); do
		signal_session 0 || break
		sleep 0.1
	done
	signal_session KILL
	CHILD=
}

# send a signal to the session that run() made; false if no process is left
signal_session()
{
	local file stat fields found=1

	for file in /proc/[0-9]*/stat; do
		{ read -r stat <"$file"; } 2>/dev/null || continue
		read -r -a fields <<<"${stat##*) }"		# state, parent, group, session
		[ "${fields[3]}" = "$CHILD" ] && [ "${fields[0]}" != Z ] || continue
		kill "-$1" "${file//[!0-9]/}" 2>/dev/null && found=0
	done
	return $found
}

# servers below WORK: pg_ctl gives a server a process group of its own
stop_servers()
{
	local file pid

	while read -r file; do
		pid=$(head -n 1 "$file")
		[ "$(readlink "/proc/$pid/cwd")" = "${file%/*}" ] && kill -QUIT "$pid"
	done < <(find "$WORK" -name postmaster.pid 2>/dev/null)
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- packages

# is it there?  What is not a package, but does the same, will do.
present()
{
	[[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]] && return 0
	case $1 in
		make | gcc | pkg-config | clang | valgrind) command -v "$1" >/dev/null ;;
		libopenblas-dev) pkg-config --exists openblas 2>/dev/null ;;
		*) return 1 ;;
	esac
}

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -qq "$@"
}

apt_update()
{
	[ -z "$APT_UPDATED" ] && command -v apt-get >/dev/null || return 0
	APT_UPDATED=yes
	apt update || say "apt-get update failed; trying with what is known"
}

# install those of the packages that are missing; a system without dpkg is its owner's care
ensure_packages()
{
	local package log missing=()

	command -v dpkg-query >/dev/null || return 0
	for package; do
		present "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || die_without "${missing[@]}"

	say "installing ${missing[*]}"
	apt_update
	prevent_cluster "${missing[@]}"
	log=$(mktemp) || die "no temporary directory"
	quietly "$log" apt install -y --no-install-recommends "${missing[@]}" </dev/null || {
		tail -n 30 "$log"
		rm -f "$log"
		die "apt-get could not install ${missing[*]}"
	}
	rm -f "$log"
	[ -z "$NO_CLUSTER" ] || rm -f "$NO_CLUSTER"
	NO_CLUSTER=
}

# the whole list at once, as commands to paste
die_without()
{
	die "packages are missing; install them as root:
    apt-get update
    apt-get install --no-install-recommends $*"
}

# install those that are missing, if root may and Debian has them; tests that want another are skipped
try_packages()
{
	local package log=$WORK/log/packages

	command -v apt-cache >/dev/null && [ "$(id -u)" = 0 ] || return 0
	for package; do
		present "$package" || ! apt-cache show "$package" >/dev/null 2>&1 ||
			quietly "$log" apt install -y --no-install-recommends "$package" </dev/null ||
			say "could not install $package"
	done
}

# Debian creates and starts a cluster with each new server package, unless told not to
prevent_cluster()
{
	case " $* " in
		*" postgresql-"[0-9]*) ;;
		*) return 0 ;;
	esac
	NO_CLUSTER=/etc/postgresql-common/createcluster.d/fuzzyclust-no-cluster.conf
	mkdir -p "${NO_CLUSTER%/*}"
	echo 'create_main_cluster = false' >"$NO_CLUSTER"
}

# ---- PostgreSQL

# Set PG_CONFIG and SERVER_PACKAGES.  $1 is a major version or empty; then it is
# $PG_CONFIG, or the newest that one can build for, or the newest server, or the system's.
# The remaining arguments are packages that are needed anyway, for the message without any.
choose_postgres()
{
	local major=$1

	shift
	if [ -n "$PG_CONFIG" ]; then
		[ -z "$major" ] || die "either --pg or PG_CONFIG, not both"
		if [[ ! $PG_CONFIG =~ ^/usr/lib/postgresql/([0-9]+)/bin/pg_config$ ]]; then
			PG_CONFIG=$(command -v "$PG_CONFIG") || die "PG_CONFIG: no such program"
			SERVER_PACKAGES=(libipc-run-perl)
			return 0
		fi
		major=${BASH_REMATCH[1]}
	fi
	[ -n "$major" ] || major=$(newest_major bin/pg_config lib/pgxs/src/makefiles/pgxs.mk bin/postgres)
	[ -n "$major" ] || major=$(newest_major bin/postgres)
	if [ -z "$major" ]; then
		[ "$(id -u)" != 0 ] || apt_update
		major=$(packaged_major)
	fi
	if [ -n "$major" ]; then
		PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
		SERVER_PACKAGES=("postgresql-$major" "postgresql-server-dev-$major" libipc-run-perl)
	else
		PG_CONFIG=$(command -v pg_config) ||
			{ command -v dpkg-query >/dev/null && die_without "$@" postgresql postgresql-server-dev-all libipc-run-perl; } ||
			die "no PostgreSQL found; set PG_CONFIG"
	fi
}

# the newest PostgreSQL of Debian's layout that has all these files
newest_major()
{
	local dir file

	for dir in $(printf '%s\n' /usr/lib/postgresql/*/ | sort -t / -k 5 -n -r); do
		for file; do
			[ -e "$dir$file" ] || continue 2
		done
		basename "$dir"
		return
	done
}

# the version of the system's package "postgresql"
packaged_major()
{
	command -v apt-cache >/dev/null &&
		apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

# ---- private copies

# make WORK and TREE
prepare_tree()
{
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/fuzzyclust.XXXXXX") || die "no temporary directory"
	TREE=$WORK/tree
	mkdir "$TREE" "$WORK/tmp" "$WORK/home" "$WORK/log"
	tar -C "$ROOT" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude=./build \
		--exclude=./demo-output --exclude=./tmp_check --exclude=./results \
		--warning=no-file-changed -cf "$WORK/tree.tar" .
	[ $? -le 1 ] || die "cannot copy $ROOT"		# 1: a file changed meanwhile
	tar -C "$TREE" -xf "$WORK/tree.tar" || die "cannot copy $ROOT"
	rm "$WORK/tree.tar"
	give_away
}

# the user who builds and runs
builder()
{
	if [ "$(id -u)" = 0 ]; then echo nobody; else id -un; fi
}

give_away()
{
	[ "$(id -u)" != 0 ] || chown -hR "$(builder)" "$WORK"
}

# Run a command in TREE as the builder.  In the background, for a shell heeds no
# signal while it waits for a command in the foreground.
run()
{
	local as=() status

	[ "$(id -u)" != 0 ] || as=(runuser -u "$(builder)" --)
	(cd "$TREE" && exec setsid "${as[@]}" env HOME="$WORK/home" TMPDIR="$WORK/tmp" "$@") </dev/null 3>&- &
	CHILD=$!
	wait "$CHILD"
	status=$?
	CHILD=
	return $status
}

# ---- signs of life

# $2 with its arguments, its output to the file $1
quietly()
{
	local log=$1 pulse status

	shift
	show_pulse "$log" &
	pulse=$!
	"$@" >"$log" 2>&1
	status=$?
	{ kill "$pulse" && wait "$pulse"; } 2>/dev/null
	return $status
}

# the same, and shown while it comes
openly()
{
	local follower status

	: >"$1"
	tail -n +1 -s 0.2 -f "$1" 2>/dev/null &
	follower=$!
	quietly "$@"
	status=$?
	sleep 0.5					# the follower polls five times a second
	{ kill "$follower" && wait "$follower"; } 2>/dev/null
	return $status
}

# a line whenever the file $1 has not grown for a while, so that silence lasts less than 30 s; ends with the script
show_pulse()
{
	local before=0 now began=$SECONDS

	# sleep outlives us; it must not keep a pipe open that is read to its end
	while sleep 12 </dev/null >/dev/null 2>&1 3>&- && kill -0 $$ 2>/dev/null; do
		now=$(stat -c %s "$1" 2>/dev/null)
		[ "$now" != "$before" ] || say "... $((SECONDS - began)) s"
		before=$now
	done
}

# ---- the extension

# build it, and install it into a copy of PostgreSQL; $@ are settings of make
build_extension()
{
	run make -s -j"$JOBS" PG_CONFIG="$PG_CONFIG" "$@" || return 1
	stage_postgres || return 1
	run make -s install PG_CONFIG="$PG_CONFIG" DESTDIR="$WORK/pg" "$@" || return 1
}

# copy the installation to WORK/pg, keeping its layout; set BIN
stage_postgres()
{
	local bin lib share program

	bin=$("$PG_CONFIG" --bindir) && lib=$("$PG_CONFIG" --pkglibdir) && share=$("$PG_CONFIG" --sharedir) || return 1
	mkdir -p "$WORK/pg$bin" "$WORK/pg$lib" "$WORK/pg$share"
	# by name: the directory may be /usr/bin
	for program in postgres initdb psql createdb dropdb createuser dropuser pgbench vacuumdb reindexdb clusterdb "$bin"/pg_*; do
		program=$bin/${program##*/}
		[ ! -f "$program" ] || cp -p "$program" "$WORK/pg$bin/" || return 1
	done
	cp -a "$lib/." "$WORK/pg$lib/" && cp -a "$share/." "$WORK/pg$share/" || return 1
	BIN=$WORK/pg$bin
	[ -x "$BIN/postgres" ] || { say "no server beside $PG_CONFIG"; return 1; }
	give_away
}

# ---- a server to play with; socket only, its directory is WORK/tmp

start_server()
{
	run "$BIN/initdb" -D "$WORK/data" -U postgres -A trust -E UTF8 --no-sync >"$WORK/log/initdb" 2>&1 ||
		{ cat "$WORK/log/initdb"; return 1; }
	run "$BIN/pg_ctl" -D "$WORK/data" -w -s -l "$WORK/log/server" \
		-o "-c listen_addresses='' -c unix_socket_directories='$WORK/tmp' -c fsync=off" start ||
		{ tail -n 30 "$WORK/log/server"; return 1; }
}

# psql on that server, as its superuser, in TREE
run_psql()
{
	run "$BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$WORK/tmp" -U postgres "$@" postgres
}
