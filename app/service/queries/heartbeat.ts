/** What a watcher outside is told. */
import type { EpochMs } from "../../base/time.ts";
import type { Clock, RunReader } from "../../contracts.ts";
import type { EventBus } from "../../events/bus.ts";
import { sizeText } from "../../locale/format.ts";
import { type Heartbeat, isSame, NONCE, signAnswer, signQuestion } from "../../notify/heartbeat.ts";
import type { Lifetime } from "../lifetime.ts";
import type { Pulse } from "../pulse.ts";
import type { Readiness } from "../readiness.ts";

export interface HeartbeatParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly reader: RunReader;
  readonly lifetime: Lifetime;
  readonly pulse: Pulse;
  readonly readiness: Readiness;
  /** Ids of tasks that promise to be done by a time of day. */
  readonly promised: () => readonly string[];
  /** Of `[watch]`; undefined where nobody may ask. */
  readonly secret: string | undefined;
}

const MAX_PROMISES = 500;
/** So long a promise that was broken is told. */
const TOLD_MS = 12 * 3_600_000;

/** A body with its signature. */
export interface SignedHeartbeat {
  readonly body: string;
  readonly signature: string;
}

export class HeartbeatQueries {
  /** When a promise was broken, by task; not since it has succeeded. */
  readonly #undone = new Map<string, EpochMs>();
  /** Why there will soon be no room for what is recorded; the history may go on for a while on a disk that is full. */
  #disk: string | undefined;

  constructor(readonly parts: HeartbeatParts) {
    const { events, clock } = parts;
    events.on("task.undone", ({ taskId }) => void this.#undone.set(taskId, clock.now()));
    events.on("run.ended", ({ run }) => {
      if (run.status === "succeeded") this.#undone.delete(run.taskId);
    });
    events.on("disk.low", ({ free }) => {
      this.#disk = `the disk of its data is nearly full: ${sizeText(free)} are left`;
    });
    events.on("disk.recovered", () => {
      this.#disk = undefined;
    });
  }

  /** True where a watcher may ask at all. */
  get isOpen(): boolean {
    return this.parts.secret !== undefined;
  }

  /** The answer to a question that is signed with the secret; undefined for every other one. */
  async answer(nonce: string, signature: string | undefined): Promise<SignedHeartbeat | undefined> {
    const { secret } = this.parts;
    if (secret === undefined || !NONCE.test(nonce) || !isSame(signature, signQuestion(secret, nonce))) {
      return undefined;
    }
    const body = JSON.stringify(await this.#heartbeat());
    return { body, signature: signAnswer(secret, nonce, body) };
  }

  async #heartbeat(): Promise<Heartbeat> {
    const { clock, reader, lifetime, pulse, readiness, promised } = this.parts;
    const now = clock.now();
    const promises = await Promise.all(
      promised().slice(0, MAX_PROMISES).map(async (task) => {
        const [last] = await reader.find({ taskId: task, statuses: ["succeeded"], limit: 1 });
        const undoneAt = this.#undone.get(task);
        return {
          task,
          lastSuccess: last?.finishedAt ?? null,
          undone: undoneAt !== undefined && now - undoneAt < TOLD_MS,
        };
      }),
    );
    return {
      version: 1,
      now,
      startedAt: lifetime.openedAt,
      tickAgeMs: Number.isFinite(pulse.ageMs) ? pulse.ageMs : null,
      overdueMs: pulse.overdueMs,
      notReady: [...readiness.check().map(({ why }) => why), this.#disk].filter((why) => why !== undefined),
      promises,
    };
  }
}
