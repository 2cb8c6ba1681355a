/** Another reader of crontab lines, to compare with; named here and not in the import map, so that it does not end up in the executable. */
export { Cron } from "npm:croner@11.0.1";
