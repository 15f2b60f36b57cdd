#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, once; existing ones are kept. They stay in secrets/, which git ignores.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p secrets
umask 077
make() { [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }
random() { openssl rand -hex 24; }
for name in postgres_password owner_password service_password worker_password kafka_password metrics_token; do make "$name" "$(random)"; done
for role in owner service worker; do
  make "database_${role}_url" "postgres://silowatch_${role}:$(cat "secrets/${role}_password")@postgres:5432/silowatch"
done
# The mail catcher's certificate, which the service is told to trust.
[ -s secrets/mail_key ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mail -addext subjectAltName=DNS:mail \
  -keyout secrets/mail_key -out secrets/mail_certificate 2>/dev/null
# The broker's, for its name among the containers; for more names see docs/operations.md.
[ -s secrets/kafka_certificate ] || deploy/kafka/make-certificate.sh secrets kafka
# The containers' users differ from yours: they must be able to read what is mounted into them.
chmod 644 secrets/*
chmod 600 secrets/kafka_ca_key
echo 'secrets/ is ready'
