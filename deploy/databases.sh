#!/bin/sh
# Runs once, when the database server's volume is new: a user and a database for each of the two.
# psql quotes the passwords itself (:'...'), so they may hold any character.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -v airflow="$POSTGRES_PASSWORD" -v mlmd="$MLMD_PASSWORD" <<'SQL'
CREATE USER airflow PASSWORD :'airflow';
CREATE DATABASE airflow OWNER airflow;
CREATE USER mlmd PASSWORD :'mlmd';
CREATE DATABASE mlmd OWNER mlmd;
SQL
