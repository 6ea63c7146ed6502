# Installs the Debian packages that the test cluster needs, without starting the daemons they bring. Sourced by up.sh.

install_packages() { # WITH_SLURM WITH_DB
  local wanted=(openssh-server openssh-client openssh-sftp-server libpam-oath python3 tcsh fish
    krb5-kdc krb5-admin-server krb5-user softhsm2 openssl rsync)
  [ "$1" = 0 ] || wanted+=(slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge)
  [ "$2" = 0 ] || wanted+=(slurmdbd slurm-wlm-mysql-plugin mariadb-server-core mariadb-client-core)

  local package missing=()
  for package in "${wanted[@]}"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  say "installing ${missing[*]}"
  # policy-rc.d answering 101 keeps packages from starting their daemons. Some images bring one of their own.
  local policy=/usr/sbin/policy-rc.d own_policy=0
  if [ ! -e "$policy" ]; then
    own_policy=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  # Without the timeout apt-get gives up at once while another one holds the lock.
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq) status=0
  "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null || status=$?
  [ "$own_policy" = 0 ] || rm -f "$policy"
  [ "$status" = 0 ] || fail "apt-get could not install ${missing[*]}"
}
