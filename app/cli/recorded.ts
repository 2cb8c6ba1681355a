/** What a command changes beside the server leaves a line in the audit, as what goes through the server does. */
import { messageOf } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { AuditEntry } from "../model/audit.ts";
import { systemClock } from "../scheduler/clock.ts";
import { openAudit } from "../service/audit.ts";
import { say } from "./output.ts";
import { thisUser } from "./this_user.ts";

/** Does it, and writes down that it was done or refused. What cannot be written down is said, and done all the same. */
export async function recorded<T>(
  config: Config,
  what: Pick<AuditEntry, "action" | "target" | "params">,
  work: () => T | Promise<T>,
): Promise<T> {
  const audit = openAudit(config, systemClock, say);
  const write = (rest: Pick<AuditEntry, "outcome" | "message">) => {
    audit.record({ actor: thisUser(), ...what, ...rest });
    audit.close();
  };
  let result: T;
  try {
    result = await work();
  } catch (error) {
    write({ outcome: "refused", message: messageOf(error) });
    throw error;
  }
  write({ outcome: "done" });
  return result;
}
