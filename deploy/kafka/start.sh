#!/bin/sh
# Starts the broker in a container: appends this installation's address to server.properties, formats the storage at the first start with
# the first credential (Silowatch's own), and runs Kafka. Needs SILOWATCH_KAFKA_PASSWORD; KAFKA_ADVERTISED_HOST defaults to `kafka`.
set -eu
: "${SILOWATCH_KAFKA_PASSWORD:?set it to the password that Silowatch uses as KAFKA_PASSWORD}"
home="${KAFKA_HOME:-/opt/kafka}"
config=/tmp/server.properties
cp /etc/silowatch/server.properties "$config"
echo "advertised.listeners=CLIENT://${KAFKA_ADVERTISED_HOST:-kafka}:9092,INTERNAL://127.0.0.1:9094" >>"$config"
"$home/bin/kafka-storage.sh" format --ignore-formatted --config "$config" \
  --cluster-id "${KAFKA_CLUSTER_ID:-c2lsb3dhdGNoLWthZmthMQ}" \
  --add-scram "SCRAM-SHA-512=[name=silowatch,password=${SILOWATCH_KAFKA_PASSWORD}]"
exec "$home/bin/kafka-server-start.sh" "$config"
