/** In a host: reads a file that a run leaves, with the rights that the run has, and hands it to the clock piece by piece. */
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { messageOf } from "../base/errors.ts";
import { type ArtifactLimits, MAX_ARTIFACT_TEXT, MAX_ARTIFACTS, PIECE_BYTES } from "../model/artifact.ts";
import type { RunNews } from "../model/order.ts";

export class RunArtifacts {
  #count = 0;
  #bytes = 0;

  constructor(readonly limits: ArtifactLimits, readonly report: (news: RunNews) => void) {}

  /** @throws Error with a sentence for what is no plain file, or too large */
  async leave(path: string, title: string): Promise<void> {
    const refuse = (why: string) => new Error(`artifact("${path}"): ${why}`);
    if (path.split(/[\\/]/).includes("..")) throw refuse('write the path without ".."');
    const named = await look(path).catch((error) => {
      throw refuse(messageOf(error));
    });
    if (named.isSymlink) throw refuse("it is a link; give the file that it leads to");
    if (!named.isFile) {
      throw refuse(`it is ${named.isDirectory ? "a folder" : "a pipe or a device"}, not a file`);
    }
    const { fileBytes, runBytes } = this.limits;
    if (named.size > fileBytes) {
      throw refuse(`it has ${named.size} bytes; ${fileBytes} are kept at the most ([history] artifact_size)`);
    }
    if (this.#bytes + named.size > runBytes) {
      throw refuse(
        `the files of this run would have more than ${runBytes} bytes ([history] artifacts_of_run)`,
      );
    }
    if (this.#count >= MAX_ARTIFACTS) throw refuse(`a run leaves ${MAX_ARTIFACTS} files at the most`);
    const id = ++this.#count;
    this.#bytes += named.size;
    using file = await Deno.open(path);
    const { ino, dev } = await file.stat();
    if (ino !== named.ino || dev !== named.dev) throw refuse("it became another file as it was read");
    const piece = {
      kind: "artifact",
      id,
      title: short(title || basename(path)),
      name: short(basename(path)),
    } as const;
    // What is appended meanwhile is not part of it.
    let left = named.size;
    do {
      const bytes = await readPiece(file, Math.min(left, PIECE_BYTES));
      left = bytes.length === 0 ? 0 : left - bytes.length;
      this.report({ ...piece, data: Buffer.from(bytes).toString("base64"), last: left === 0 });
      // Others go on in between.
      await setImmediate();
    } while (left > 0);
  }
}

async function look(path: string): Promise<Deno.FileInfo> {
  return await Deno.lstat(path);
}

async function readPiece(file: Deno.FsFile, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_ARTIFACT_TEXT ? line : `${line.slice(0, MAX_ARTIFACT_TEXT - 1)}…`;
}
