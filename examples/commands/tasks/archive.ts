/** A line of the shell as a task, with all that tasks have: time limit, retries, parameters, days off. */
import { command, cron, z } from "carillon";

export default command({
  title: "Archive",
  run:
    'tar --create --gzip --file="$PARAM_FOLDER.tar.gz" --directory="$PARAM_FOLDER" . && echo "$PARAM_FOLDER.tar.gz"',
  trigger: cron({ day: "1", hour: 4 }),
  timeout: "30m",
  retry: { attempts: 2 },
  // tar says 1 where a file has changed while it was read.
  success: [0, 1],
  params: z.object({ folder: z.string().default("outgoing") }),
});
