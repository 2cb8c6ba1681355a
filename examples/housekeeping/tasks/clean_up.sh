#!/bin/sh
# Removes old files of a folder; its name is a parameter, and no default removes anything elsewhere.
# carillon: cron="20 3 * * *" timeout=10m tags=ops param.folder=tmp param.days=30
set -eu
[ -d "$PARAM_FOLDER" ] || { echo "there is no $PARAM_FOLDER"; exit 0; }
count=$(find "$PARAM_FOLDER" -type f -mtime +"$PARAM_DAYS" -print -delete | wc -l)
echo "$count files older than $PARAM_DAYS days removed"
