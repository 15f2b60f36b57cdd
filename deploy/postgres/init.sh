#!/bin/sh
# Runs once, when the container's data folder is empty: the three roles with their passwords, and the database.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --file /etc/silowatch/roles.sql
for role in owner service worker; do
  psql --username postgres --set ON_ERROR_STOP=1 --set role="silowatch_$role" --set password="$(cat "/run/secrets/${role}_password")" <<'SQL'
alter role :"role" password :'password';
SQL
done
createdb --username postgres --owner silowatch_owner silowatch
