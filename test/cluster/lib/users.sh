# The test users and their keys. Sourced by up.sh.

login_shell_of() {
  case $1 in
    "$csh_user") echo /bin/tcsh ;;
    "$fish_user") echo /usr/bin/fish ;;
    "$closed_user") echo /usr/sbin/nologin ;;
    *) echo /bin/bash ;;
  esac
}

home_of() { getent passwd "$1" | cut -d: -f6; }

# A home directory that exists is left alone: it may be that of another cluster, which is up.
make_users() {
  local user home
  for user in "${test_users[@]}"; do
    id "$user" >/dev/null 2>&1 || useradd --no-create-home --home-dir "$cluster_dir/home/$user" "$user"
    [ -d "$(home_of "$user")" ] || usermod --home "$cluster_dir/home/$user" "$user"
    [ "$(getent passwd "$user" | cut -d: -f7)" = "$(login_shell_of "$user")" ] || usermod --shell "$(login_shell_of "$user")" "$user"
    home=$(home_of "$user")
    if [ ! -d "$home" ]; then
      cp -rT /etc/skel "$home"
      chown -R "$user:" "$home"
      chmod 755 "$home"
    fi
    echo "$user:$password" | chpasswd
  done
  printf 'echo "Welcome to the cluster!"\necho "module: command not found" >&2\n' >"$(home_of "$noisy_user")/.bashrc"
}

make_key() { # NAME TYPE PASSPHRASE
  [ -e "$cluster_dir/ssh/keys/$1" ] || ssh-keygen -q -t "$2" -N "$3" -C "$1" -f "$cluster_dir/ssh/keys/$1"
}

make_keys() {
  local name user
  for name in host_login host_otp host_inner host_changed; do make_key "$name" ed25519 ''; done
  make_key host_login_rsa rsa ''
  make_key user_ed25519 ed25519 ''
  make_key user_rsa rsa ''
  make_key user_encrypted ed25519 "$passphrase"
  make_key user_stranger ed25519 ''
  for user in root "${test_users[@]}"; do
    cat "$cluster_dir"/ssh/keys/user_{ed25519,rsa,encrypted}.pub >"$cluster_dir/ssh/authorized_keys/$user"
  done
  chmod 644 "$cluster_dir"/ssh/authorized_keys/*
}
