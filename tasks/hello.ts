/** A first task: what a task file has. Change it, save it, and look at the page, or try "carillon run hello name=you". */
import { defineTask, every, z } from "carillon";

// The task is called as its file is: "hello". Files whose name begins with "_" are no tasks, others may import them.
export default defineTask({
  // For people; the id where it is left out.
  title: { en: "Hello", zh: "你好" },
  // When it runs: cron("30 8 * * mon-fri"), cron({ hour: 8, minute: 30 }), every("15m"), at("2030-01-01T00:00:00").
  // Without a trigger it is only started by hand.
  trigger: every("1h"),
  // What can be given to a run, by a form on the page or name=value on the command line; checked before the run begins.
  params: z.object({ name: z.string().default("world") }),
  // The run is ended after this long; a failed one is tried again, three times in all.
  timeout: "1m",
  retry: { attempts: 3 },
  // The work. "signal" is aborted when the run is cancelled or out of time: hand it to fetch and query.
  run({ params, log, signal }) {
    signal.throwIfAborted();
    log.info("this line is on the run's page");
    if (params.name === "nobody") throw new Error("whatever is thrown is why the run has failed");
    return `hello ${params.name}`; // what is returned is the run's message
  },
});
