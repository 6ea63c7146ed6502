#!/bin/bash
# Stops what up.sh started, and nothing else: cancels the cluster's jobs, ends its daemons newest first (TERM, after
# 10 s KILL), then what is left of its ssh sessions and job steps.
#
# usage: down.sh [--purge]   --purge also removes the state folder, the test users and the PAM file
# env:   VIGIL_CLUSTER_DIR, as for up.sh
set -uo pipefail

. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lib/common.sh"

descendants() {
  local child
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
    descendants "$child"
    echo "$child"
  done
}

cancel_jobs() {
  local file=$cluster_dir/pids/slurmctld.pid user
  [ -e "$file" ] && is_alive "$(cat "$file")" || return 0
  export SLURM_CONF=$cluster_dir/slurm/slurm.conf
  for user in root "${test_users[@]}"; do
    id "$user" >/dev/null 2>&1 && timeout 10 scancel --quiet --user="$user" 2>/dev/null
  done
}

stop() { # SECONDS PID...   TERM; KILL after SECONDS
  local deadline=$((SECONDS + $1)) pid alive
  shift
  [ $# -gt 0 ] || return 0
  kill -TERM "$@" 2>/dev/null
  while :; do
    alive=()
    for pid in "$@"; do is_alive "$pid" && alive+=("$pid"); done
    [ ${#alive[@]} -gt 0 ] || return 0
    if [ $SECONDS -ge $deadline ]; then
      kill -KILL "${alive[@]}" 2>/dev/null
      return 0
    fi
    sleep 0.05
  done
}

started_ms=$(now_ms)
mkdir -p "$cluster_dir/pids"
cancel_jobs

daemons=()
sessions=()
for name in $(ls -t "$cluster_dir/pids"); do
  pid=$(cat "$cluster_dir/pids/$name")
  [ -n "$pid" ] && is_alive "$pid" && is_ours "$pid" || continue
  daemons+=("$pid")
  case $name in sshd-*) sessions+=($(descendants "$pid")) ;; esac
done
for pid in "${daemons[@]}"; do stop 10 "$pid"; done
stop 2 "${sessions[@]}"
leftovers=($(grep -lzxF "VIGIL_CLUSTER_TAG=$cluster_dir" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 | grep -vx -e $$ -e $PPID))
stop 2 "${leftovers[@]}"
rm -f "$cluster_dir"/pids/*.pid "$cluster_dir"/munge/socket*

if [ "${1:-}" = --purge ]; then
  rm -rf "$cluster_dir"
  rm -f "/etc/pam.d/$pam_service"
  for user in "${test_users[@]}"; do
    case $(getent passwd "$user" | cut -d: -f6) in
      "$cluster_dir"/*) # not another cluster's
        # What it has left would be a stranger's, with names that jobs of the next cluster have again.
        find /tmp -maxdepth 1 -type f -user "$user" -delete
        userdel "$user"
        ;;
    esac
  done
fi
say "down in $(($(now_ms) - started_ms)) ms: ${#daemons[@]} daemons, ${#sessions[@]} ssh processes, ${#leftovers[@]} job processes"
