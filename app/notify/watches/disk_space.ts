/** Whether the disk that holds the data is nearly full. */
import { statfs } from "node:fs/promises";
import type { EventBus } from "../../events/bus.ts";

export const LOOK_MS = 30_000;
/** Nearly full: less than this many bytes, and less than this share of the disk. */
const LOW_BYTES = 1_000_000_000;
const LOW_SHARE = 0.1;
/** It has room again once there is this many times as much. */
const ROOM_AGAIN = 1.5;

export interface Space {
  readonly free: number;
  readonly size: number;
}

export class DiskSpace {
  /** Undefined before the first look. */
  #low: boolean | undefined;

  /** @param measure the folder's disk */
  constructor(
    readonly folder: string,
    readonly events: EventBus,
    readonly measure: (folder: string) => Promise<Space> = spaceOf,
  ) {}

  async look(): Promise<void> {
    const { free, size } = await this.measure(this.folder);
    const limit = Math.min(LOW_BYTES, size * LOW_SHARE);
    const { folder } = this;
    if (this.#low !== true && free < limit) {
      this.#low = true;
      this.events.emit("disk.low", { folder, free });
    } else if (this.#low !== false && free > limit * ROOM_AGAIN) {
      this.#low = false;
      this.events.emit("disk.recovered", { folder, free });
    }
  }
}

/** What an unprivileged program may use. */
async function spaceOf(folder: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}
