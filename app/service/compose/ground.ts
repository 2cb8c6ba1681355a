/** What everything else stands on: the folders, the bus with the journal beside it, how long Carillon lives, who may come in. */
import { Auth } from "../../auth/auth.ts";
import type { Passwords } from "../../auth/passwords.ts";
import type { Journal } from "../../base/journal.ts";
import type { Config } from "../../config/config.ts";
import type { Clock, History } from "../../contracts.ts";
import { EventBus } from "../../events/bus.ts";
import type { HostCommand } from "../../worker/host_command.ts";
import { writeJournal } from "../journal_lines.ts";
import { Lifetime } from "../lifetime.ts";
import { Revision } from "../revision.ts";
import { composeTracing, type Tracing } from "../tracing.ts";

/** What a command or a test brings itself, in place of what the settings and the defaults say. */
export interface OwnParts {
  /** In place of the one that the settings name. */
  readonly history?: History | undefined;
  /** In place of those whose hashes cost what they should. */
  readonly passwords?: Passwords | undefined;
  /** False for a command that needs the folder of the tasks as it is: a misspelt one is not made. */
  readonly makesTaskFolder?: boolean | undefined;
  /** False where a task host is started once a run needs one, and none before. */
  readonly keepsHostReady?: boolean | undefined;
  /** In place of this program itself: how a task host is started. */
  readonly hostCommand?: HostCommand | undefined;
}

export interface Ground {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly events: EventBus;
  readonly revision: Revision;
  readonly lifetime: Lifetime;
  readonly auth: Auth;
  readonly tracing: Tracing;
}

export async function composeGround(
  config: Config,
  clock: Clock,
  journal: Journal,
  { passwords, makesTaskFolder = true }: OwnParts,
): Promise<Ground> {
  await Deno.mkdir(config.scheduler.data, { recursive: true, mode: 0o700 });
  if (makesTaskFolder) await Deno.mkdir(config.scheduler.tasks, { recursive: true });
  const events = new EventBus((sentence, thrown) => journal.error(sentence, thrown));
  writeJournal(events, journal);
  const revision = new Revision(events);
  const lifetime = new Lifetime(clock, events);
  const auth = new Auth(config, clock, events, passwords);
  const tracing = composeTracing({ config, clock, events, journal });
  return { config, clock, journal, events, revision, lifetime, auth, tracing };
}
