/** Keeps the code that runs are made with: once for each version, and again from time to time, so that it stays as long as they do. */
import type { Mask } from "../base/mask.ts";
import type { EpochMs } from "../base/time.ts";
import type { Clock, RunRecorder } from "../contracts.ts";
import { type CodeFile, codeList } from "../model/code.ts";
import type { Task } from "../task/task.ts";

/** The history counts the age of a text from when it was kept last. */
const AGAIN_MS = 6 * 3_600_000;
/** Versions that are remembered as kept. */
const MAX_REMEMBERED = 20_000;

export interface KeptCodeParts {
  readonly clock: Clock;
  readonly history: Pick<RunRecorder, "keepCode">;
  readonly mask: Mask;
  /** The files that a task was loaded from, as they were then. */
  readonly filesOf: (task: Task) => readonly CodeFile[];
}

export class KeptCode {
  readonly #keptAt = new Map<string, EpochMs>();

  constructor(readonly parts: KeptCodeParts) {}

  /** A run of the task begins. */
  keep(task: Task): void {
    const { clock, history, mask, filesOf } = this.parts;
    const { version } = task;
    const now = clock.now();
    if (this.#isKept(version, now)) return;
    const files = filesOf(task).toSorted((a, b) =>
      Number(b.path === task.path) - Number(a.path === task.path)
    );
    if (files.length === 0) return;
    history.keepCode(version, codeList(files), now);
    this.#remember(version, now);
    for (const { hash, text } of files) {
      if (text === undefined || this.#isKept(hash, now)) continue;
      history.keepCode(hash, mask(text), now);
      this.#remember(hash, now);
    }
  }

  #isKept(key: string, now: EpochMs): boolean {
    const at = this.#keptAt.get(key);
    return at !== undefined && Math.abs(now - at) < AGAIN_MS;
  }

  #remember(key: string, now: EpochMs): void {
    if (this.#keptAt.size >= MAX_REMEMBERED) this.#keptAt.clear();
    this.#keptAt.set(key, now);
  }
}
