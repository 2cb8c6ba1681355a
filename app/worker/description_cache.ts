/** Descriptions of task files by what they were made of, kept in the data folder: a restart loads no file that it knows. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import type { TaskDescription } from "../task/description.ts";

/** Another one where descriptions have come to mean something else. */
const FORMAT = 2;
/** Descriptions that no file has had since the start are left out when there are more than so many. */
const MOST_KEPT = 20_000;

interface CacheFile {
  readonly format: number;
  /** The program that made it. */
  readonly program: string;
  /** SHA-256 of the descriptions as they are written: what somebody has edited is not used. */
  readonly hash: string;
  readonly descriptions: string;
}

export class DescriptionCache {
  readonly #descriptions = new Map<string, readonly TaskDescription[]>();
  readonly #used = new Set<string>();
  #changed = false;

  /**
   * A file that cannot be used, for whatever reason, is as good as none: the task files are loaded.
   *
   * @param program another one for each release
   */
  constructor(readonly path: string, readonly program: string) {
    for (const [key, each] of Object.entries(read(path, program))) this.#descriptions.set(key, each);
  }

  get(key: string): readonly TaskDescription[] | undefined {
    const kept = this.#descriptions.get(key);
    if (kept) this.#used.add(key);
    return kept;
  }

  set(key: string, descriptions: readonly TaskDescription[]): void {
    this.#descriptions.set(key, descriptions);
    this.#used.add(key);
    this.#changed = true;
  }

  /** Writes what has changed. @returns what went wrong, in words; the cache is a convenience */
  save(): string | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    const all = [...this.#descriptions];
    const kept = all.length > MOST_KEPT ? all.filter(([key]) => this.#used.has(key)) : all;
    const descriptions = JSON.stringify(Object.fromEntries(kept));
    const file: CacheFile = {
      format: FORMAT,
      program: this.program,
      hash: hashOf(descriptions),
      descriptions,
    };
    const draft = `${this.path}.new`;
    try {
      writeFileSync(draft, JSON.stringify(file), { mode: 0o600 });
      renameSync(draft, this.path);
      return undefined;
    } catch (error) {
      return `${this.path} cannot be written: ${
        messageOf(error)
      }; task files are loaded again at the next start`;
    }
  }
}

function read(path: string, program: string): Readonly<Record<string, readonly TaskDescription[]>> {
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as Partial<CacheFile>;
    const { format, hash, descriptions } = file;
    const fits = format === FORMAT && file.program === program && typeof descriptions === "string" &&
      hash === hashOf(descriptions);
    return fits ? JSON.parse(descriptions) : {};
  } catch {
    return {};
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
