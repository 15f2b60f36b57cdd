#!/bin/sh
# Makes a broker's key and certificate for the names under which it is reached, signed by an authority of your own:
#   make-certificate.sh <folder> <name or address>...
# kafka_certificate goes to the broker, kafka_ca to whoever connects, kafka_ca_key to nobody. Run again, it makes the broker's anew and keeps the
# authority, so that shippers and agents need not be told.
set -eu
[ $# -ge 2 ] || { echo "usage: $0 <folder> <name or address>..." >&2 && exit 2; }
folder="$1"
shift
umask 077
mkdir -p "$folder"
cd "$folder"
names=''
for name in "$@"; do
  case "$name" in
    *[!0-9.]*) names="$names,DNS:$name" ;;
    *) names="$names,IP:$name" ;;
  esac
done
request=$(mktemp)
trap 'rm -f "$request" "$request".*' EXIT
cat >"$request" <<EOF
[req]
distinguished_name = subject
prompt = no
[subject]
CN = Silowatch broker
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[broker]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = ${names#,}
EOF
new() { openssl req -config "$request" -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "$@" 2>/dev/null; }
[ -s kafka_ca_key ] || new -x509 -days 7300 -subj '/CN=Silowatch broker authority' -extensions authority -keyout kafka_ca_key -out kafka_ca
new -keyout "$request.key" -out "$request.csr"
openssl x509 -req -in "$request.csr" -CA kafka_ca -CAkey kafka_ca_key -set_serial "0x0$(openssl rand -hex 16)" -days 3650 \
  -extfile "$request" -extensions broker -out "$request.crt" 2>/dev/null
cat "$request.key" "$request.crt" >kafka_certificate
