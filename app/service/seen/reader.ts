/** A history of which somebody sees a part: runs of other tasks are not there. */
import type { RunReader } from "../../contracts.ts";
import type { Artifact } from "../../model/history.ts";
import type {
  LogPartsQuery,
  LogQuery,
  LogSize,
  OutcomeQuery,
  RunOutcome,
  RunQuery,
} from "../../model/history.ts";
import type { NumberedLine, Run } from "../../model/run.ts";
import type { Sight } from "./sight.ts";

export class SeenReader implements RunReader {
  constructor(readonly reader: RunReader, readonly sight: Sight) {}

  async recent(taskId: string, limit?: number): Promise<readonly Run[]> {
    return this.sight.sees(taskId) ? this.#shown(await this.reader.recent(taskId, limit)) : [];
  }

  async lastRuns(taskIds: readonly string[]): Promise<ReadonlyMap<string, Run>> {
    const found = await this.reader.lastRuns(taskIds.filter((id) => this.sight.sees(id)));
    return new Map([...found].map(([id, run]) => [id, this.sight.shown(run)]));
  }

  async find(query: RunQuery): Promise<readonly Run[]> {
    return this.#shown(await this.reader.find({ ...query, taskIds: this.#narrowed(query.taskIds) }));
  }

  async outcomes(query: OutcomeQuery): Promise<readonly RunOutcome[]> {
    return await this.reader.outcomes({ ...query, taskIds: this.#narrowed(query.taskIds) });
  }

  async durations(taskId: string, limit: number): Promise<readonly number[]> {
    return this.sight.sees(taskId) ? await this.reader.durations(taskId, limit) : [];
  }

  async usual(taskId: string): Promise<number | undefined> {
    return this.sight.sees(taskId) ? await this.reader.usual(taskId) : undefined;
  }

  async get(runId: string): Promise<Run | undefined> {
    const run = await this.reader.get(runId);
    return run && this.sight.sees(run.taskId) ? this.sight.shown(run) : undefined;
  }

  async artifacts(runId: string): Promise<readonly Artifact[]> {
    return await this.get(runId) ? await this.reader.artifacts(runId) : [];
  }

  /** Which task a text belongs to is not known here: it takes the right for all of them. */
  async code(version: string): Promise<string | undefined> {
    return this.sight.access.may("source") ? await this.reader.code(version) : undefined;
  }

  async bytesOfTasks(): Promise<ReadonlyMap<string, number> | undefined> {
    const all = await this.reader.bytesOfTasks();
    return all && new Map([...all].filter(([id]) => this.sight.sees(id)));
  }

  async lines(runId: string, query?: LogQuery): Promise<readonly NumberedLine[]> {
    return await this.get(runId) ? await this.reader.lines(runId, query) : [];
  }

  async logSize(runId: string): Promise<LogSize> {
    return await this.get(runId) ? await this.reader.logSize(runId) : { lines: 0 };
  }

  async *logParts(runId: string, query?: LogPartsQuery): AsyncGenerator<readonly NumberedLine[]> {
    if (await this.get(runId)) yield* this.reader.logParts(runId, query);
  }

  #shown(runs: readonly Run[]): readonly Run[] {
    return runs.map((run) => this.sight.shown(run));
  }

  #narrowed(wanted: readonly string[] | undefined): readonly string[] | undefined {
    const { ids } = this.sight;
    return ids && wanted ? wanted.filter((id) => this.sight.sees(id)) : ids ?? wanted;
  }
}
