# A Kerberos realm of one user, and an sshd that takes nothing but its tickets. Sourced by up.sh.
#   kdc       127.0.0.1:P+3  realm VIGIL.TEST, the main user with the password of all
#   kerberos  127.0.0.1:P+4  gssapi-with-mic

# With KRB5_CONFIG and KRB5_KDC_PROFILE: nothing of this is the machine's own.
write_kerberos_configuration() {
  local folder=$cluster_dir/krb5
  mkdir -p "$folder"
  cat >"$folder/krb5.conf" <<END
[libdefaults]
  default_realm = $realm
  dns_lookup_kdc = false
  dns_lookup_realm = false
  # The server is known by its address.
  dns_canonicalize_hostname = false
[realms]
  $realm = {
    kdc = 127.0.0.1:$kdc_port
  }
END
  cat >"$folder/kdc.conf" <<END
[kdcdefaults]
  kdc_listen = 127.0.0.1:$kdc_port
  kdc_tcp_listen = 127.0.0.1:$kdc_port
[realms]
  $realm = {
    database_name = $folder/principal
    key_stash_file = $folder/stash
  }
[logging]
  kdc = FILE:$cluster_dir/log/kdc.log
END
}

make_principals() {
  [ ! -e "$cluster_dir/krb5/keytab" ] || return 0
  {
    kdb5_util create -s -r "$realm" -P "$password"
    kadmin.local -q "addprinc -pw $password $main_user"
    kadmin.local -q 'addprinc -randkey host/127.0.0.1'
    kadmin.local -q "ktadd -k $cluster_dir/krb5/keytab host/127.0.0.1"
  } >"$cluster_dir/log/make-principals.out" 2>&1 || fail "no Kerberos realm could be made (see $cluster_dir/log/make-principals.out)"
}

start_kerberos() {
  export KRB5_CONFIG=$cluster_dir/krb5/krb5.conf KRB5_KDC_PROFILE=$cluster_dir/krb5/kdc.conf
  write_kerberos_configuration
  make_principals
  {
    echo "ListenAddress 127.0.0.1:$kerberos_port"
    echo "HostKey $cluster_dir/ssh/keys/host_login"
    echo "AuthenticationMethods gssapi-with-mic"
    echo "GSSAPIAuthentication yes"
    # Its principal is that of an address, not of this machine's name.
    echo "GSSAPIStrictAcceptorCheck no"
    sshd_options
  } >"$cluster_dir/ssh/kerberos.conf"
  start_daemon kdc krb5kdc -n
  start_daemon sshd-kerberos env KRB5_KTNAME="$cluster_dir/krb5/keytab" /usr/sbin/sshd -D -e -f "$cluster_dir/ssh/kerberos.conf"
  wait_for kdc is_port_open 127.0.0.1 "$kdc_port"
  wait_for sshd-kerberos is_port_open 127.0.0.1 "$kerberos_port"
  say "Kerberos: KDC 127.0.0.1:$kdc_port, sshd 127.0.0.1:$kerberos_port"
}
