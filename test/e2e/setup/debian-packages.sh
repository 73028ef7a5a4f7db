#!/usr/bin/env bash
# Installs the distribution's components where one is missing and root runs this; the suite's preflight says what still lacks.
# No service is started by it: the suite starts its own, on its own addresses.
set -euo pipefail
programs=(nsd unbound knotd named dig kdig delv nsupdate dnstap-read dnssec-keygen tsig-keygen dnssec-settime dnssec-dsfromkey dnssec-cds ip unshare)
packages=(nsd unbound knot bind9 dnsutils knot-dnsutils iproute2 util-linux)
PATH=$PATH:/usr/sbin:/sbin
missing=()
for program in "${programs[@]}"; do type -P "$program" >/dev/null || missing+=("$program"); done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! type -P apt-get >/dev/null; then exit 0; fi
echo "installing packages for ${missing[*]}"
# Debian asks this program before it starts a service; 101 says no. One that is there already is the machine's own choice.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
