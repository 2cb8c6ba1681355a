/** Temporary folders that are gone after the test. */
import { dirname, join } from "node:path";

export interface TestFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes a file and answers with its path. */
  write(name: string, content: string): string;
  remove(name: string): void;
}

export function makeFolder(files: Readonly<Record<string, string>> = {}): TestFolder {
  const path = Deno.makeTempDirSync({ prefix: "carillon-test-" });
  const folder: TestFolder = {
    path,
    write(name, content) {
      const file = join(path, name);
      Deno.mkdirSync(dirname(file), { recursive: true });
      Deno.writeTextFileSync(file, content);
      return file;
    },
    remove: (name) => Deno.removeSync(join(path, name), { recursive: true }),
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder;
}
