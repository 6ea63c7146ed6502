# The sshds for keys and passwords, and the files an ssh client needs to reach them. Sourced by up.sh.
#   login  127.0.0.1:P    publickey, password or keyboard-interactive
#   otp    127.0.0.1:P+1  publickey, then keyboard-interactive: password and one-time code
#   inner  127.0.0.2:P+2  publickey; meant to be reached through login

sshd_options() {
  cat <<END
PidFile none
# The state folder may be below /tmp, which StrictModes does not trust.
StrictModes no
AuthorizedKeysFile $cluster_dir/ssh/authorized_keys/%u
PermitRootLogin yes
UsePAM yes
PrintMotd no
UseDNS no
Subsystem sftp internal-sftp
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
LoginGraceTime 60
MaxStartups 100
MaxSessions 10
AcceptEnv LANG LC_*
# sshd honours only the first SetEnv line. Slurm's commands find their cluster by SLURM_CONF.
SetEnv SLURM_CONF=$cluster_dir/slurm/slurm.conf VIGIL_CLUSTER_TAG=$cluster_dir
LogLevel VERBOSE
END
}

write_sshd_configurations() {
  local keys=$cluster_dir/ssh/keys
  {
    echo "ListenAddress 127.0.0.1:$login_port"
    printf 'HostKey %s\n' "$keys/host_login" "$keys/host_login_rsa"
    printf '%s yes\n' PubkeyAuthentication PasswordAuthentication KbdInteractiveAuthentication
    sshd_options
  } >"$cluster_dir/ssh/login.conf"
  {
    echo "ListenAddress 127.0.0.1:$otp_port"
    echo "HostKey $keys/host_otp"
    echo "PasswordAuthentication no"
    echo "KbdInteractiveAuthentication yes"
    echo "AuthenticationMethods publickey,keyboard-interactive:pam"
    echo "Banner $cluster_dir/ssh/banner"
    sshd_options
  } >"$cluster_dir/ssh/otp.conf"
  {
    echo "ListenAddress 127.0.0.2:$inner_port"
    echo "HostKey $keys/host_inner"
    echo "PasswordAuthentication no"
    echo "KbdInteractiveAuthentication no"
    sshd_options
  } >"$cluster_dir/ssh/inner.conf"
  printf 'AUTHORIZED USERS ONLY (test cluster)\n' >"$cluster_dir/ssh/banner"
}

# sshd names its PAM service after its own argv[0]: under another name it gets a PAM stack of its own and Debian's
# /etc/pam.d/sshd stays as it is.
write_one_time_code_stack() {
  ln -sf /usr/sbin/sshd "$cluster_dir/ssh/$pam_service"
  printf '#!/bin/sh\necho "Enrolled device: phone ending 42"\n' >"$cluster_dir/ssh/otp-info"
  chmod 755 "$cluster_dir/ssh/otp-info"
  local user
  for user in root "${test_users[@]}"; do echo "HOTP/T30/6 $user - $totp_key_hex"; done >"$cluster_dir/ssh/otp.users"
  chmod 600 "$cluster_dir/ssh/otp.users"
  cat >"/etc/pam.d/$pam_service" <<END
# Written by test/cluster/up.sh for the cluster in $cluster_dir; down.sh --purge removes it.
auth     required pam_unix.so
auth     optional pam_exec.so quiet stdout $cluster_dir/ssh/otp-info
auth     required pam_oath.so usersfile=$cluster_dir/ssh/otp.users window=3 digits=6
account  required pam_permit.so
session  required pam_permit.so
END
}

known_hosts_line() { # ADDRESS PORT KEY
  printf '[%s]:%s %s\n' "$1" "$2" "$(cut -d' ' -f1,2 "$cluster_dir/ssh/keys/$3.pub")"
}

write_client_files() {
  {
    known_hosts_line 127.0.0.1 "$login_port" host_login
    known_hosts_line 127.0.0.1 "$login_port" host_login_rsa
    known_hosts_line 127.0.0.1 "$otp_port" host_otp
    known_hosts_line 127.0.0.2 "$inner_port" host_inner
  } >"$cluster_dir/ssh/known_hosts"
  known_hosts_line 127.0.0.1 "$login_port" host_changed >"$cluster_dir/ssh/known_hosts.changed"
  cat >"$cluster_dir/ssh/config" <<END
# ssh -F $cluster_dir/ssh/config login|otp|inner
Host login
  HostName 127.0.0.1
  Port $login_port
Host otp
  HostName 127.0.0.1
  Port $otp_port
Host inner
  HostName 127.0.0.2
  Port $inner_port
  ProxyJump login
Host *
  User $main_user
  IdentityFile $cluster_dir/ssh/keys/user_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $cluster_dir/ssh/known_hosts
  GlobalKnownHostsFile /dev/null
END
}

start_sshds() {
  mkdir -p /run/sshd # for privilege separation; /run is empty where no init system filled it
  chmod 755 /run/sshd
  write_sshd_configurations
  write_one_time_code_stack
  write_client_files
  start_daemon sshd-login /usr/sbin/sshd -D -e -f "$cluster_dir/ssh/login.conf"
  start_daemon sshd-otp "$cluster_dir/ssh/$pam_service" -D -e -f "$cluster_dir/ssh/otp.conf"
  start_daemon sshd-inner /usr/sbin/sshd -D -e -f "$cluster_dir/ssh/inner.conf"
  wait_for sshd-login is_port_open 127.0.0.1 "$login_port"
  wait_for sshd-otp is_port_open 127.0.0.1 "$otp_port"
  wait_for sshd-inner is_port_open 127.0.0.2 "$inner_port"
  say "sshd: login 127.0.0.1:$login_port, otp 127.0.0.1:$otp_port, inner 127.0.0.2:$inner_port"
}

write_environment_file() {
  cat >"$cluster_dir/env.sh" <<END
export VIGIL_CLUSTER_DIR=$cluster_dir
export VIGIL_CLUSTER_PORT=$first_port
export VIGIL_CLUSTER_USER=$main_user
export VIGIL_CLUSTER_HOME=$(home_of "$main_user")
export VIGIL_CLUSTER_OTHER_USER=$other_user
export VIGIL_CLUSTER_PASSWORD='$password'
export VIGIL_CLUSTER_PASSPHRASE='$passphrase'
export VIGIL_CLUSTER_TOTP_KEY=$totp_key_hex
export VIGIL_CLUSTER_SSH_CONFIG=$cluster_dir/ssh/config
export SLURM_CONF=$cluster_dir/slurm/slurm.conf
END
}
