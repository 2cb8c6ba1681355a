#!/bin/sh
# Dumps a PostgreSQL database, and is there as a whole or not at all.
# carillon: cron="0 2 * * *" timeout=1h title="Backup" tags=backup
# carillon: param.database=shop param.folder=backups
set -eu
mkdir -p "$PARAM_FOLDER"
file="$PARAM_FOLDER/$PARAM_DATABASE-$(date +%Y-%m-%d).dump"
# Where it is: PGHOST, PGPORT, PGUSER; the password stands in ~/.pgpass and not here.
pg_dump --format=custom --file="$file.part" "$PARAM_DATABASE"
mv "$file.part" "$file"
echo "$file has $(wc -c < "$file") bytes"
