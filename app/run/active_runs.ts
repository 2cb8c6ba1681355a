/**
 * The unfinished runs, by task. One list a task that stays when it is empty: a `Map` whose keys come and go with each
 * run leaves tables behind that V8's young generation cannot free, which shows as pauses at thousands of runs a second.
 */

export interface Unfinished {
  readonly taskId: string;
  readonly run: { readonly id: string };
}

export class ActiveRuns<A extends Unfinished> {
  readonly #tasks = new Map<string, A[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Those of a task, the oldest first. */
  of(taskId: string): readonly A[] {
    return this.#tasks.get(taskId) ?? [];
  }

  all(): A[] {
    return this.#size === 0 ? [] : [...this.#tasks.values()].flat();
  }

  find(runId: string): A | undefined {
    for (const runs of this.#tasks.values()) {
      const found = runs.find(({ run }) => run.id === runId);
      if (found) return found;
    }
    return undefined;
  }

  add(active: A): void {
    const runs = this.#tasks.get(active.taskId);
    if (runs) runs.push(active);
    else this.#tasks.set(active.taskId, [active]);
    this.#size++;
  }

  remove(active: A): void {
    const runs = this.#tasks.get(active.taskId);
    const place = runs?.indexOf(active) ?? -1;
    if (!runs || place === -1) return;
    runs.splice(place, 1);
    this.#size--;
  }
}
