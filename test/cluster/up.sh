#!/bin/bash
# Starts a throw-away HPC site on this one machine, from Debian 12 packages: four sshds, a Kerberos realm and a
# Slurm with accounting and emulated nodes, all on loopback, as plain processes (no systemd, no cgroups, no containers).
#
# usage: up.sh             everything
#        up.sh --no-db     without accounting: no sacct; about 3 s less
#        up.sh --no-slurm  only the sshds and the realm
# env:   VIGIL_CLUSTER_DIR    state folder    (default /tmp/vigil-cluster)
#        VIGIL_CLUSTER_PORT   first port      (default 22200; P .. P+40 are used)
#        VIGIL_CLUSTER_NODES  emulated nodes  (default 4)
# Afterwards: . $VIGIL_CLUSTER_DIR/env.sh
#
# Outside the state folder this only installs packages, adds test users, makes /run/sshd and writes
# a file in /etc/pam.d; `down.sh --purge` removes the users and the PAM file again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/packages.sh"
. "$here/lib/users.sh"
. "$here/lib/sshd.sh"
. "$here/lib/kerberos.sh"
. "$here/lib/slurm.sh"

with_db=1
with_slurm=1
for argument in "$@"; do
  case $argument in
    --no-db) with_db=0 ;;
    --no-slurm) with_slurm=0 with_db=0 ;;
    -h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "unknown argument $argument" 2 ;;
  esac
done
[ "$(id -u)" = 0 ] || fail "up.sh needs root: slurmd and sshd start processes as other users"

started_ms=$(now_ms)
use_clean_environment
refuse_living_cluster
install_packages "$with_slurm" "$with_db"
refuse_taken_ports
make_folders
make_users
make_keys
start_sshds
start_kerberos
write_environment_file
if [ "$with_slurm" = 1 ]; then
  start_munge
  write_slurm_conf "$with_db"
  [ "$with_db" = 0 ] || start_accounting
  start_slurm
fi
say "up in $(($(now_ms) - started_ms)) ms; now: . $cluster_dir/env.sh"
