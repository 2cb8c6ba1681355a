/** The program that runs Python code for a run, put together from its files: one text, so that nothing has to be on the disk. */
import api from "./shim/api.py" with { type: "text" };
import helpers from "./shim/helpers.py" with { type: "text" };
import link from "./shim/link.py" with { type: "text" };
import log from "./shim/log.py" with { type: "text" };
import modules from "./shim/modules.py" with { type: "text" };
import queries from "./shim/queries.py" with { type: "text" };
import run from "./shim/run.py" with { type: "text" };
import scheduler from "./shim/scheduler.py" with { type: "text" };
import values from "./shim/values.py" with { type: "text" };
import words from "./shim/words.py" with { type: "text" };

/** Each file names what stands in those before it. */
export const PYTHON_PROGRAM: string = [
  link,
  log,
  values,
  queries,
  api,
  helpers,
  modules,
  scheduler,
  words,
  run,
]
  .join("\n\n");
