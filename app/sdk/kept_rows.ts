/** The first rows of a statement, as many as a run's result takes. */
import type { Row } from "../../datasource/database.ts";
import { MAX_RESULT_BYTES } from "../model/result.ts";

export class KeptRows {
  #rows: Row[] = [];
  #count: number | undefined;
  #bytes = 2;

  /** True where no statement gave rows. */
  get isEmpty(): boolean {
    return this.#count === undefined;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** All rows of the last statement that gave some. */
  get count(): number {
    return this.#count ?? 0;
  }

  get missing(): number {
    return this.count - this.#rows.length;
  }

  /** Another statement's rows come. */
  begin(): void {
    this.#rows = [];
    this.#count = 0;
    this.#bytes = 2;
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      // Once one is left out, all after it are.
      if (this.missing === 0 && this.#takes(row)) this.#rows.push(row);
      this.#count = this.count + 1;
    }
  }

  #takes(row: Row): boolean {
    const json = JSON.stringify(
      row,
      (_, value: unknown) => typeof value === "bigint" ? String(value) : value,
    );
    this.#bytes += new TextEncoder().encode(json).length + 1;
    return this.#bytes <= MAX_RESULT_BYTES;
  }
}
