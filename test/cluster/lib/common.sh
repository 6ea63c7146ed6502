# Names, ports and process handling that up.sh and down.sh share. Sourced, never run.

cluster_dir=${VIGIL_CLUSTER_DIR:-/tmp/vigil-cluster}
first_port=${VIGIL_CLUSTER_PORT:-22200}
node_count=${VIGIL_CLUSTER_NODES:-4}

main_user=vigiluser
other_user=vigilother
# One user per login shell that reads commands in another way than sh does.
csh_user=vigilcsh
fish_user=vigilfish
# Its start-up file prints on both streams, as those of many sites do.
noisy_user=vigilnoisy
# Its login shell refuses to run anything.
closed_user=vigilclosed
test_users=("$main_user" "$other_user" "$csh_user" "$fish_user" "$noisy_user" "$closed_user")
password='correct-horse-1'
realm=VIGIL.TEST
passphrase='pass phrase'
totp_key_hex=3132333435363738393031323334353637383930 # test secret of RFC 6238, "12345678901234567890"

login_port=$first_port
otp_port=$((first_port + 1))
inner_port=$((first_port + 2))
kdc_port=$((first_port + 3))
kerberos_port=$((first_port + 4))
slurmctld_port=$((first_port + 10))
slurmdbd_port=$((first_port + 12))
mariadb_port=$((first_port + 13))
first_slurmd_port=$((first_port + 21))
pam_service=vigil-sshd-otp${cluster_dir//\//-} # of its own for each cluster

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }

fail() { # MESSAGE [EXIT-STATUS]
  echo "$1" >&2
  exit "${2:-1}"
}

# The caller's own tools (another python3 first on PATH, say) must not leak into jobs and sessions.
use_clean_environment() {
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
  unset LC_ALL PYTHONPATH NODE_OPTIONS
  # Every process we start carries this; down.sh finds job steps, which fork away from their parents, by it.
  export VIGIL_CLUSTER_TAG=$cluster_dir
}

# Is process $1 ours? By its tag, or by its command line: sshd overwrites its environment area with its title.
is_ours() {
  grep -qzxF "VIGIL_CLUSTER_TAG=$cluster_dir" "/proc/$1/environ" 2>/dev/null ||
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF "$cluster_dir/"
}

# A zombie is not alive: a slow process 1 keeps it in /proc for minutes.
is_alive() { [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

start_daemon() { # NAME COMMAND...   in the background, its pid in pids/NAME.pid, its output in log/NAME.out
  local name=$1
  shift
  setsid --fork bash -c 'echo $$ > "$0"; exec "$@"' "$cluster_dir/pids/$name.pid" "$@" \
    </dev/null >>"$cluster_dir/log/$name.out" 2>&1
}

# Waits until COMMAND succeeds while daemon NAME lives. A failure shows what the command last said: a client that
# refuses its configuration would otherwise look like a daemon that does not come up.
wait_for() { # NAME COMMAND...
  local name=$1 deadline=$((SECONDS + 120)) last_words pid
  shift
  until last_words=$("$@" 2>&1); do
    pid=$(cat "$cluster_dir/pids/$name.pid" 2>/dev/null || echo 1)
    if ! is_alive "$pid"; then
      tail -n 20 "$cluster_dir/log/$name.out" "$cluster_dir/log/$name"*.log >&2 || true
      fail "$name stopped; its last words are above"
    fi
    [ $SECONDS -lt $deadline ] || fail "timed out waiting for $name (see $cluster_dir/log); '$*' last said: $last_words"
    sleep 0.05
  done
}

is_port_open() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

refuse_living_cluster() {
  local file pid
  for file in "$cluster_dir"/pids/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    if is_alive "$pid" && is_ours "$pid"; then fail "already up ($file): run down.sh first"; fi
    rm -f "$file" # of a run that crashed
  done
}

refuse_taken_ports() {
  local port address
  for port in "$login_port" "$otp_port" "$inner_port" "$kdc_port" "$kerberos_port" "$slurmctld_port" "$slurmdbd_port" "$mariadb_port" \
    $(seq "$first_slurmd_port" $((first_slurmd_port + node_count - 1))); do
    for address in 127.0.0.1 127.0.0.2; do
      if is_port_open "$address" "$port"; then
        fail "port $address:$port is taken; by another cluster? Set VIGIL_CLUSTER_PORT"
      fi
    done
  done
}

make_folders() {
  mkdir -p "$cluster_dir"/{pids,log,home,slurm,ssh/keys,ssh/authorized_keys}
  chmod 755 "$cluster_dir" "$cluster_dir"/{pids,log,home,slurm,ssh,ssh/authorized_keys}
}
