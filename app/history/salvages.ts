/** Files that were set aside or have lost their name, and how far they are brought over. */
import { messageOf } from "../base/errors.ts";
import type { EpochMs } from "../base/time.ts";
import type { Front, OnTrouble } from "./front.ts";
import { Salvage } from "./sqlite/salvage/salvage.ts";
import type { SqliteLedger } from "./sqlite/store.ts";

interface Waiting {
  readonly salvage: Salvage;
  /** True where what is known of tasks is needed before anything else. */
  needsStates: boolean;
}

export class Salvages {
  /** The first is being read. */
  readonly #waiting: Waiting[] = [];

  constructor(readonly front: Pick<Front, "onSalvaged" | "isActive">, readonly onTrouble: OnTrouble) {}

  /** A file was set aside: what can be read of it goes into the new one, once that is open. */
  add(path: string, { needsStates }: Pick<Waiting, "needsStates">): void {
    const salvage = this.#open(path);
    if (salvage) this.#waiting.push({ salvage, needsStates });
  }

  /** A file has lost its name; the descriptor is closed with the salvage. */
  addDescriptor(descriptor: number): void {
    this.#waiting.push({ salvage: new Salvage(descriptor), needsStates: false });
  }

  /** A file is open: it is written down in it what is brought over, and what another start has left is gone on with. */
  resume(file: SqliteLedger): void {
    for (const [path, page] of file.salvages.all()) {
      if (this.#waiting.some(({ salvage }) => salvage.source === path)) continue;
      const salvage = this.#open(path, page);
      if (salvage) this.#waiting.push({ salvage, needsStates: false });
      else file.salvages.remove(path);
    }
    for (const each of this.#waiting) {
      const { source, position } = each.salvage;
      if (typeof source === "string") file.salvages.save(source, position);
      if (each.needsStates) each.salvage.takeStates(file);
      each.needsStates = false;
    }
  }

  /** Brings some pages over. True where there are more. */
  step(into: SqliteLedger, now: EpochMs): boolean {
    const salvage = this.#waiting[0]?.salvage;
    if (!salvage) return false;
    const { source } = salvage;
    const more = salvage.step(into, now, this.front.isActive);
    this.front.onSalvaged();
    if (typeof source === "string") {
      if (more) into.salvages.save(source, salvage.position);
      else into.salvages.remove(source);
    }
    if (more) return true;
    this.#waiting.shift();
    salvage.close();
    const { runs, lines } = salvage.found;
    const from = typeof source === "string" ? source : "the deleted history file";
    this.onTrouble(`${runs} records of runs and ${lines} log lines of ${from} were brought over`);
    return this.#waiting.length > 0;
  }

  close(): void {
    for (const { salvage } of this.#waiting.splice(0)) salvage.close();
  }

  #open(path: string, position = 0): Salvage | undefined {
    try {
      return new Salvage(path, position);
    } catch (error) {
      this.onTrouble(`${path} cannot be read: nothing of it is brought over: ${messageOf(error)}`, error);
      return undefined;
    }
  }
}
