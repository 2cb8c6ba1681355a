/** The history Carillon works with: memory in front of a file, which may fail and come back. */
import type { EpochMs } from "../base/time.ts";
import type { LogSize } from "../model/history.ts";
import type { ArtifactLimits, ArtifactPiece } from "../model/artifact.ts";
import { isTerminal, type NumberedLine, type Run } from "../model/run.ts";
import { ArtifactFiles, DEFAULT_ARTIFACT_LIMITS } from "./artifact_files.ts";
import type { HistoryFile } from "./backing_file.ts";
import type { OnTrouble } from "./front.ts";
import type { FolderSettings } from "./folders.ts";
import { FileBackedLedger } from "./file_backed_ledger.ts";
import { LedgerHistory, partsOf } from "./ledger_history.ts";
import { DEFAULT_LIMITS, LogFiles } from "./log/log_files.ts";

/** What the file refuses goes on in memory; once the file can be written again it is given what it has missed. */
export class FileBackedHistory extends LedgerHistory<FileBackedLedger> {
  readonly #logs: LogFiles;
  readonly #artifacts: ArtifactFiles;

  /**
   * @param limit runs of each task in memory
   * @throws HistoryFileError for a file that only the operator can decide on, such as one of a newer version
   */
  constructor(limit: number, source: HistoryFile, onTrouble: OnTrouble, folders: FolderSettings) {
    const logs = new LogFiles(folders.logs, folders.logLimits ?? DEFAULT_LIMITS, onTrouble);
    const artifacts = new ArtifactFiles(
      folders.artifacts,
      folders.artifactLimits ?? DEFAULT_ARTIFACT_LIMITS,
    );
    super(new FileBackedLedger(limit, source, onTrouble, logs, artifacts, folders));
    this.#logs = logs;
    this.#artifacts = artifacts;
  }

  override get artifactLimits(): ArtifactLimits {
    return this.#artifacts.limits;
  }

  override takeArtifact(runId: string, piece: ArtifactPiece, now: EpochMs): string | undefined {
    const taken = this.#artifacts.take(runId, piece, now);
    if (!taken) return undefined;
    if ("problem" in taken) return taken.problem;
    this.keepArtifact(runId, taken.artifact);
    return undefined;
  }

  override endAttempt(runId: string): void {
    this.#artifacts.endAttempt(runId);
  }

  override artifactBytes(runId: string, path: string): AsyncIterable<Uint8Array> | undefined {
    return this.#artifacts.open(runId, path);
  }

  override save(run: Run): void {
    super.save(run);
    if (isTerminal(run.status)) this.#artifacts.end(run.id);
  }

  override maintain(now: EpochMs): boolean {
    const more = super.maintain(now);
    return this.#artifacts.removeSome() || more;
  }

  override async logSize(runId: string): Promise<LogSize> {
    return { ...await super.logSize(runId), fileBytes: this.#logs.bytes(runId) };
  }

  /** What is in the run's own file, block by block, and then what is not in it yet, or has no such file. */
  protected override async *wholeLog(runId: string, from: number): AsyncIterable<readonly NumberedLine[]> {
    let next = from;
    for (
      let part = this.#logs.read(runId, from);
      part;
      part = this.#logs.read(runId, from, part.position)
    ) {
      yield part.lines;
      next = Math.max(next, part.next);
    }
    // The file of a run that goes on grows while it is read: what it has not got is looked for once it has no more.
    yield* partsOf(this.ledger.lines(runId).filter(({ number }) => number >= next));
  }
}
