# What the scripts share. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail

caller_dir=$PWD
project_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project_dir"
script_name=$(basename "$0")

# The one place that names the clang release (the presets "clang" and "tsan" name its compiler).
clang_version=19

packages_build="g++ cmake ninja-build libboost1.81-dev libssl-dev"
packages_servers="ca-certificates nodejs npm"
packages_test="libgtest-dev libyaml-cpp-dev python3 clang-$clang_version libclang-rt-$clang_version-dev"

say() { printf '[%s +%ds] %s\n' "$script_name" "$SECONDS" "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

# --help of a script is the comment at its head.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# ---------------------------------------------------------------- Processes
# Long commands run beside the shell and are waited for: a shell that runs them in the foreground sees a signal only when
# they end, and the servers would live on until then.

child=
servers=()

kill_tree() {
    local descendant
    for descendant in $(cat "/proc/$1/task/"*/children 2>/dev/null || true); do kill_tree "$descendant"; done
    kill -TERM "$1" 2>/dev/null || true
}

stop_everything() {
    local pid
    trap '' INT TERM HUP
    for pid in $child ${servers[@]+"${servers[@]}"}; do kill_tree "$pid"; done
    for pid in $child ${servers[@]+"${servers[@]}"}; do
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    child=
    servers=()
}
trap stop_everything EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command with the terminal's input; returns its status.
run() {
    local status=0
    # A command that is started with & would otherwise ignore Ctrl-C.
    env --default-signal=INT,QUIT "$@" <&0 &
    child=$!
    wait "$child" || status=$?
    child=
    return "$status"
}

# ---------------------------------------------------------------- Packages

is_installed() {
    case $1 in
        # Tools may come from elsewhere than Debian's package.
        g++ | cmake | npm | python3 | ccache | clang-[0-9]* | clang-format-* | clang-tidy-*) command -v "$1" >/dev/null ;;
        ninja-build) command -v ninja >/dev/null ;;
        nodejs) command -v node >/dev/null ;;
        *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    esac
}

# need PACKAGE...: installs those that are missing, as root or with sudo.
need() {
    local package missing=() as_root=()
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "this system has no apt-get; install what these Debian packages hold: ${missing[*]}"
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "neither root nor sudo; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    say "installing: ${missing[*]} (log: build/install.log)"
    mkdir -p build
    if ! {
        run "${as_root[@]}" apt-get update -q &&
            run "${as_root[@]}" apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}"
    } >build/install.log 2>&1; then
        tail -n 20 build/install.log >&2
        die "the packages could not be installed"
    fi
}

# ---------------------------------------------------------------- Building

# As many compilers as there are processors, and memory for (up to 2.5 GB each, as several sources are compiled as one).
compilers_at_once() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable:/ {print int($2 / 2500000)}' /proc/meminfo)
    [ "$memory" -ge 1 ] || memory=1
    echo $((processors < memory ? processors : memory))
}

# Precompiled headers are part of the tests.
export CCACHE_SLOPPINESS=pch_defines,time_macros

# configure PRESET: nothing when the build tree is there, newer than the presets (ninja notices the rest), and configured
# for the same caller: CI leaves out what others want to have.
configure() {
    local dir=build/$1 launcher=() mode=${CI:+ci}
    local options=(-D CMAKE_CXX_FLAGS_DEBUG=-g -D DYNASIO_UNIT_TESTS=)
    if [ -e "$dir/build.ninja" ] && [ "$dir/build.ninja" -nt CMakePresets.json ] &&
        [ "$(cat "$dir/mode" 2>/dev/null)" = "${mode:-all}" ]; then return 0; fi
    if command -v ccache >/dev/null; then launcher=(-D CMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
    # Nobody debugs what CI has built; reports of sanitizers name lines. It runs the unit tests in the preset sanitize, and
    # in dev those layers' alone that measure what sanitizers change.
    if [ -n "${CI:-}" ]; then
        case $1 in
            asan | tsan | sanitize) options=(-D CMAKE_CXX_FLAGS_DEBUG=-g1) ;;
            dev) options=(-D CMAKE_CXX_FLAGS_DEBUG=-g0 "-DDYNASIO_UNIT_TESTS=aws;dynamodb") ;;
            clang) options=(-D CMAKE_CXX_FLAGS_DEBUG=-g0) ;;
        esac
    fi
    say "configuring $dir"
    mkdir -p "$dir"
    if ! run cmake --preset "$1" ${launcher[@]+"${launcher[@]}"} ${options[@]+"${options[@]}"} >"$dir/configure.log" 2>&1; then
        cat "$dir/configure.log" >&2
        # A half-made tree must not look like a finished one to the next run.
        rm -f "$dir/build.ninja"
        die "cmake --preset $1 failed"
    fi
    echo "${mode:-all}" >"$dir/mode"
}

# build PRESET [TARGET...]
build() {
    local preset=$1 targets=() number
    shift
    if [ $# -gt 0 ]; then targets=(--target "$@"); fi
    configure "$preset"
    number=$(compilers_at_once)
    say "building in build/$preset: ${*:-everything} ($number at once)"
    NINJA_STATUS='[%f/%t %es] ' run cmake --build "build/$preset" -j "$number" ${targets[@]+"${targets[@]}"} ||
        die "the build failed"
}

# ---------------------------------------------------------------- Servers

servers_dir=$project_dir/tests/servers

# The packages that the servers need; none when the caller has chosen an endpoint.
server_packages() { if [ -z "${DYNAMODB_ENDPOINT:-}" ]; then echo "$packages_servers"; fi; }

# Installs the pinned servers, unless those of this very lock file are there.
install_servers() {
    local modules=$servers_dir/node_modules
    if cmp -s "$servers_dir/package-lock.json" "$modules/.installed-lock.json"; then return 0; fi
    [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
        die "the pinned servers run on x86-64 Linux only; start one yourself and set DYNAMODB_ENDPOINT"
    say "installing the pinned servers: npm ci in tests/servers"
    mkdir -p build
    # Neither server needs an install script: none is run.
    if ! run env -C "$servers_dir" npm ci --ignore-scripts --no-audit --no-fund >build/npm.log 2>&1; then
        cat build/npm.log >&2
        die "npm ci failed"
    fi
    cp "$servers_dir/package-lock.json" "$modules/.installed-lock.json"
}

# The port on which a process listens. Asking the kernel leaves the choice of a free port to it, too.
listening_port() {
    local fd link
    for fd in "/proc/$1/fd/"*; do
        link=$(readlink "$fd" 2>/dev/null) || continue
        case $link in 'socket:['*) ;; *) continue ;; esac
        link=${link#socket:\[}
        awk -v inode="${link%\]}" '$4 == "0A" && $10 == inode {split($2, address, ":"); print address[2]}' \
            "/proc/$1/net/tcp" 2>/dev/null
    done | while read -r hex; do
        printf '%d\n' "0x$hex"
        break
    done
}

# start NAME COMMAND...: leaves the endpoint in $endpoint.
start() {
    local name=$1 log=build/$1.log pid port= guard=()
    shift
    mkdir -p build
    # Should this shell be killed outright, the kernel ends the server.
    if command -v setpriv >/dev/null; then guard=(setpriv --pdeathsig TERM); fi
    ${guard[@]+"${guard[@]}"} "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    servers+=("$pid")
    for _ in $(seq 400); do
        port=$(listening_port "$pid")
        if [ -n "$port" ] || ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.05
    done
    if [ -z "$port" ]; then
        cat "$log" >&2
        die "$name does not listen"
    fi
    endpoint=http://127.0.0.1:$port
    say "$name: $endpoint (process $pid, in memory)"
}

# What a program needs to talk to a server that accepts any signature, and nothing of what the caller has configured for
# the service itself.
use_endpoint() {
    unset ${!AWS_@} ${!DYNAMODB_@} _X_AMZN_TRACE_ID
    unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
    export DYNAMODB_ENDPOINT=$1 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
}

# Starts dynoxide and points DYNAMODB_ENDPOINT to it, unless the caller has chosen an endpoint.
provide_endpoint() {
    if [ -n "${DYNAMODB_ENDPOINT:-}" ]; then
        say "using DYNAMODB_ENDPOINT=$DYNAMODB_ENDPOINT"
        return 0
    fi
    install_servers
    start dynoxide "$servers_dir/node_modules/@dynoxide/linux-x64/dynoxide" serve --host 127.0.0.1 --port 0
    use_endpoint "$endpoint"
}

# Starts the second server and points DYNASIO_DYNALITE_ENDPOINT to it.
provide_second_endpoint() {
    if [ -n "${DYNASIO_DYNALITE_ENDPOINT:-}" ]; then return 0; fi
    install_servers
    start dynalite node "$servers_dir/dynalite.cjs"
    export DYNASIO_DYNALITE_ENDPOINT=$endpoint
}

# Starts the front that verifies signatures before the first server, and points DYNASIO_SIGNATURE_ENDPOINT to it.
provide_signature_front() {
    if [ -n "${DYNASIO_SIGNATURE_ENDPOINT:-}" ]; then return 0; fi
    install_servers
    start signature-front node "$servers_dir/signature_front.cjs" --target "$DYNAMODB_ENDPOINT"
    export DYNASIO_SIGNATURE_ENDPOINT=$endpoint
}
