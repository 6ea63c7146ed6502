# munge, accounting (MariaDB and slurmdbd), slurmctld and the emulated nodes. Sourced by up.sh.

slurm_dir=$cluster_dir/slurm
munge_dir=$cluster_dir/munge
mariadb_dir=$cluster_dir/mariadb

start_munge() {
  mkdir -p "$munge_dir"
  chmod 755 "$munge_dir" # munged insists on folders that only root can write
  if [ ! -e "$munge_dir/key" ]; then
    dd if=/dev/urandom of="$munge_dir/key" bs=128 count=1 status=none
    chmod 400 "$munge_dir/key"
  fi
  rm -f "$munge_dir"/socket*
  start_daemon munged /usr/sbin/munged --foreground --force --key-file="$munge_dir/key" --socket="$munge_dir/socket" \
    --pid-file="$munge_dir/pid" --seed-file="$munge_dir/seed" --log-file="$munge_dir/log" --num-threads=2
  wait_for munged munge -n --socket="$munge_dir/socket"
}

accounting_options() { # WITH_DB
  if [ "$1" = 1 ]; then
    # AuthInfo does not reach connections to slurmdbd: StoragePass is what names the munge socket there.
    # Without Enforce, an account that does not exist would be accepted.
    cat <<END
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$slurmdbd_port
AccountingStoragePass=$munge_dir/socket
AccountingStorageEnforce=associations
AccountingStoreFlags=job_comment,job_script,job_env
END
  else
    cat <<END
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$cluster_dir/log/jobcomp.txt
END
  fi
}

write_slurm_conf() { # WITH_DB
  mkdir -p "$slurm_dir/state" "$slurm_dir/spool"
  chmod 755 "$slurm_dir/spool"
  local last_slurmd_port=$((first_slurmd_port + node_count - 1))
  cat >"$slurm_dir/slurm.conf" <<END
ClusterName=testcluster
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$slurmctld_port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge_dir/socket
CredType=cred/munge
StateSaveLocation=$slurm_dir/state
SlurmctldPidFile=$slurm_dir/slurmctld.pid
SlurmctldLogFile=$cluster_dir/log/slurmctld.log
SlurmdSpoolDir=$slurm_dir/spool/%n
SlurmdPidFile=$slurm_dir/slurmd-%n.pid
SlurmdLogFile=$cluster_dir/log/slurmd-%n.log
# No cgroups.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
# Emulated nodes: the numbers below count, not what the machine has.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=5,sched_min_interval=0,batch_sched_delay=0,max_rpc_cnt=0
PriorityType=priority/multifactor
MaxArraySize=20001
MaxJobCount=50000
MinJobAge=300
KillWait=2
UnkillableStepTimeout=20
InactiveLimit=0
SlurmctldTimeout=60
SlurmdTimeout=60
MessageTimeout=20
EnforcePartLimits=ALL
# Emulated GPUs too: they are counted, there are no devices.
GresTypes=gpu
$(accounting_options "$1")
NodeName=n[1-$node_count] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[$first_slurmd_port-$last_slurmd_port] CPUs=4 Sockets=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=4000 Gres=gpu:a100:2 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=1:00:00 DefaultTime=10:00 DefMemPerCPU=100 State=UP
PartitionName=long  Nodes=n1 MaxTime=UNLIMITED DefaultTime=1:00:00 DefMemPerCPU=100 State=UP
PartitionName=down  Nodes=n1 MaxTime=1:00:00 DefMemPerCPU=100 State=DOWN
END
  touch "$slurm_dir/gpu0" "$slurm_dir/gpu1"
  echo "Name=gpu Type=a100 File=$slurm_dir/gpu[0-1]" >"$slurm_dir/gres.conf"
  export SLURM_CONF=$slurm_dir/slurm.conf
}

# mariadbd refuses to run as root, and slurmdbd cannot be told a socket's path: user slurm, TCP on loopback.
start_mariadb() {
  mkdir -p "$mariadb_dir"
  chown slurm: "$mariadb_dir"
  if [ ! -d "$mariadb_dir/data" ]; then
    mariadb-install-db --no-defaults --user=slurm --datadir="$mariadb_dir/data" \
      --auth-root-authentication-method=normal --skip-test-db >"$cluster_dir/log/mariadb-install.log" 2>&1 ||
      fail "mariadb-install-db failed, see $cluster_dir/log/mariadb-install.log"
  fi
  start_daemon mariadbd /usr/sbin/mariadbd --no-defaults --user=slurm --datadir="$mariadb_dir/data" \
    --socket="$mariadb_dir/sock" --bind-address=127.0.0.1 --port="$mariadb_port" --pid-file="$mariadb_dir/pid" \
    --innodb-buffer-pool-size=64M --innodb-log-file-size=32M --innodb-lock-wait-timeout=900 \
    --innodb-flush-log-at-trx-commit=0 --performance-schema=OFF
  wait_for mariadbd mariadb --no-defaults -S "$mariadb_dir/sock" -e 'select 1'
  mariadb --no-defaults -S "$mariadb_dir/sock" -e "
    create database if not exists slurm_acct_db;
    create user if not exists slurm@'127.0.0.1' identified by 'slurmpw';
    grant all on slurm_acct_db.* to slurm@'127.0.0.1';"
}

write_slurmdbd_conf() {
  cat >"$slurm_dir/slurmdbd.conf" <<END
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$slurmdbd_port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$munge_dir/socket
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$mariadb_port
StorageUser=slurm
StoragePass=slurmpw
StorageLoc=slurm_acct_db
PidFile=$slurm_dir/slurmdbd.pid
LogFile=$cluster_dir/log/slurmdbd.log
END
  chmod 600 "$slurm_dir/slurmdbd.conf"
}

start_accounting() {
  start_mariadb
  write_slurmdbd_conf
  start_daemon slurmdbd /usr/sbin/slurmdbd -D
  wait_for slurmdbd sacctmgr -n -i list cluster
  # Adding what is already there is an error; wait_for below is what checks the outcome.
  sacctmgr -n -i add cluster testcluster >/dev/null 2>&1 || true
  sacctmgr -n -i add account test Description=test Organization=test >/dev/null 2>&1 || true
  local user
  for user in root "${test_users[@]}"; do sacctmgr -n -i add user "$user" Account=test >/dev/null 2>&1 || true; done
  wait_for slurmdbd has_association "$main_user"
}

has_association() { sacctmgr -n -P show associations user="$1" format=user | grep -qx "$1"; }
has_idle_nodes() { [ "$(sinfo -h -N -p debug -t idle -o %N | sort -u | wc -l)" -ge "$node_count" ]; }

start_slurm() {
  start_daemon slurmctld /usr/sbin/slurmctld -D
  wait_for slurmctld scontrol ping
  local number
  for number in $(seq 1 "$node_count"); do
    mkdir -p "$slurm_dir/spool/n$number"
    start_daemon "slurmd-n$number" /usr/sbin/slurmd -D -N "n$number"
  done
  wait_for slurmctld has_idle_nodes
  say "slurm: $(sinfo -h -p debug -o '%D nodes %T, partition %P')"
}
