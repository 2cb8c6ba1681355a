/** Five hundred random operations on the task folder: in the end Carillon has what a fresh start would have. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FolderWatch } from "../../app/task/watch.ts";
import type { Application } from "../../app/service/compose.ts";
import { startCarillon, TESTER } from "../support/carillon.ts";
import { randomFrom } from "../support/random.ts";

const OPERATIONS = 500;
/** Between two looks. */
const AT_A_TIME = 20;

/** Does one operation below a folder that has `tasks` and `beside`. */
class Storm {
  #count = 0;

  constructor(readonly root: string, readonly random: () => number) {}

  get tasks(): string {
    return join(this.root, "tasks");
  }

  step(): string {
    const isAway = !isThere(this.tasks);
    const names = isAway
      ? ["comesBack"]
      : Object.keys(this.#operations).filter((name) => name !== "comesBack");
    // What takes much away is rare, so that there is much in the end.
    const usual = names.filter((name) => isAway || !RARE.includes(name) || this.#below(8) === 0);
    const name = this.#pick(usual) ?? "";
    this.#do(name);
    return name;
  }

  #do(name: string): void {
    const operation = this.#operations[name];
    try {
      operation?.();
    } catch (error) {
      // Random operations meet each other: what is gone, is there already, or leads in a circle.
      const known = [
        "ENOENT",
        "EEXIST",
        "ENOTDIR",
        "EISDIR",
        "ENOTEMPTY",
        "ELOOP",
        "EINVAL",
        "ENXIO",
        "EPERM",
      ];
      if (!known.includes((error as { code?: string }).code ?? "")) throw error;
    }
  }

  readonly #operations: Readonly<Record<string, () => void>> = {
    task: () => this.#write(this.#new(".ts"), this.#task()),
    rewrite: () => this.#write(this.#old(), this.#task()),
    script: () => this.#write(this.#new(".js"), `${this.#task()}// ${"x".repeat(this.#below(2_000))}`),
    broken: () => this.#write(this.#new(".ts"), `export default (${this.#count};`),
    breaks: () => this.#write(this.#old(), `const a = ;`),
    fails: () =>
      this.#write(this.#new(".ts"), `throw new Error("no luck ${this.#count}");\nexport default 1;`),
    library: () => this.#write(join(this.tasks, "_lib.ts"), `export const words = "lib ${this.#count++}";`),
    imports: () => this.#write(join(this.tasks, `i${this.#count++}.ts`), IMPORTING),
    huge: () => this.#write(this.#new(".ts"), "x".repeat(5_100_000)),
    odd: () => this.#write(join(this.#folder(), `od d\n"${this.#count++}".ts`), this.#task()),
    remove: () => Deno.removeSync(this.#old(), { recursive: true }),
    removeFolder: () => Deno.removeSync(join(this.tasks, `f${this.#below(4)}`), { recursive: true }),
    rename: () => Deno.renameSync(this.#old(), this.#new(".ts")),
    renameFolder: () =>
      Deno.renameSync(join(this.tasks, `f${this.#below(4)}`), join(this.tasks, `f${this.#below(4)}`)),
    folder: () => Deno.mkdirSync(join(this.#folder(), `f${this.#below(4)}`)),
    folderAsFile: () => Deno.mkdirSync(this.#new(".ts")),
    link: () => Deno.symlinkSync(this.#old(), this.#new(".ts")),
    linkOut: () => Deno.symlinkSync(join(this.root, "beside/outside.ts"), this.#new(".ts")),
    linkNowhere: () => Deno.symlinkSync("/nowhere/at/all.ts", this.#new(".ts")),
    linkFolder: () => Deno.symlinkSync(this.#folder(), join(this.tasks, `l${this.#count++}`)),
    circle: () => {
      const [a, b] = [this.#new(".ts"), this.#new(".ts")];
      Deno.symlinkSync(a, b);
      Deno.symlinkSync(b, a);
    },
    hardLink: () => Deno.linkSync(this.#old(), this.#new(".ts")),
    pipe: () => this.#run("mkfifo", this.#new(".ts")),
    device: () => this.#run("mknod", this.#new(".py"), "c", "1", "5"),
    socket: () => Deno.listen({ transport: "unix", path: this.#new(".js") }).close(),
    rights: () => Deno.chmodSync(this.#old(), [0o000, 0o644, 0o200][this.#below(3)] ?? 0),
    rightsOfFolder: () => Deno.chmodSync(this.#folder(), [0o000, 0o755][this.#below(2)] ?? 0),
    touch: () => Deno.utimeSync(this.#old(), new Date(), new Date(this.#below(1e9) * 1_000)),
    swap: () => {
      const away = join(this.root, `old${this.#count++}`);
      const real = Deno.realPathSync(this.tasks);
      Deno.renameSync(this.tasks, away);
      this.#run("cp", "-r", isThere(real) ? real : away, this.tasks);
    },
    becomesLink: () => {
      const release = join(this.root, `release${this.#count++}`);
      Deno.renameSync(this.tasks, release);
      Deno.symlinkSync(release, this.tasks);
    },
    otherRelease: () => {
      const release = join(this.root, `release${this.#count++}`);
      this.#run("cp", "-r", Deno.realPathSync(this.tasks), release);
      Deno.removeSync(this.tasks, { recursive: true });
      Deno.symlinkSync(release, this.tasks);
    },
    becomesFolder: () => {
      const real = Deno.realPathSync(this.tasks);
      Deno.removeSync(this.tasks);
      Deno.renameSync(real, this.tasks);
    },
    empties: () => {
      if (this.#below(4) > 0) return;
      Deno.removeSync(this.tasks, { recursive: true });
      Deno.mkdirSync(this.tasks);
    },
    goesAway: () => {
      Deno.renameSync(this.tasks, join(this.root, "away"));
    },
    comesBack: () => {
      Deno.renameSync(join(this.root, "away"), this.tasks);
    },
  };

  #task(): string {
    return `import { defineTask } from "carillon";\nexport default defineTask({ title: "${this
      .#count++}", run() {} });\n`;
  }

  #write(file: string, text: string): void {
    // A pipe without a reader would hold the writer up, and a device takes everything.
    if (isThere(file) && !Deno.statSync(file).isFile) return;
    Deno.writeTextFileSync(file, text);
  }

  #run(command: string, ...args: string[]): void {
    new Deno.Command(command, { args, stderr: "null" }).outputSync();
  }

  /** A name that none had before: ids do not meet. */
  #new(ending: string): string {
    return join(this.#folder(), `t${this.#count++}${ending}`);
  }

  #old(): string {
    const files = entriesOf(this.tasks).filter(({ isDirectory }) => !isDirectory).map(({ path }) => path);
    return this.#pick(files) ?? this.#new(".ts");
  }

  #folder(): string {
    const folders = entriesOf(this.tasks).filter(({ isDirectory }) => isDirectory).map(({ path }) => path);
    return this.#pick([this.tasks, ...folders.filter((path) => !path.endsWith(".ts"))]) ?? this.tasks;
  }

  #pick<T>(among: readonly T[]): T | undefined {
    return among[this.#below(among.length)];
  }

  #below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

const RARE = ["removeFolder", "rightsOfFolder", "swap", "becomesLink", "otherRelease", "empties", "goesAway"];

const IMPORTING = `import { defineTask } from "carillon";
import { words } from "./_lib.ts";
export default defineTask({ title: words, run() {} });
`;

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function entriesOf(folder: string): { readonly path: string; readonly isDirectory: boolean }[] {
  if (!isThere(folder)) return [];
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(
    ({ name, isDirectory }) => {
      const path = join(folder, name);
      return [{ path, isDirectory }, ...isDirectory ? entriesOf(path) : []];
    },
  );
}

/** What is there; of files that are broken only that they are: their last good version is kept. */
function stateOf({ queries: { tasks } }: Application) {
  // The lines after the first say which of several files has asked for a missing one before the others did.
  const broken = tasks.broken().map(({ path, message }) => ({ path, message: message.split("\n", 1)[0] }));
  const all = tasks.all().map(({ task: { id, path, version, description } }) => ({
    id,
    path,
    version,
    title: description.title,
  }));
  const isBroken = (path: string) => broken.some((each) => each.path === path);
  return { tasks: all.filter(({ path }) => !isBroken(path)), broken };
}

Deno.test("after 500 random file operations there is what a fresh start would have", async () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 1e9));
  await using test = await startCarillon({
    "tasks/first.ts": IMPORTING,
    "tasks/_lib.ts": `export const words = "first";`,
    "beside/outside.ts": `import { defineTask } from "carillon";\nexport default defineTask({ run() {} });`,
  });
  const storm = new Storm(test.folder.path, randomFrom(seed));
  const watch = new FolderWatch({
    folder: storm.tasks,
    clock: test.clock,
    reload: () => test.carillon.operations.reload(TESTER),
    onTrouble: () => {},
  });
  await watch.start();
  const done: string[] = [];
  try {
    for (let i = 1; i <= OPERATIONS; i++) {
      done.push(storm.step());
      if (i % AT_A_TIME === 0) {
        await test.clock.advance({ seconds: 3 });
        await watch.look();
      }
    }
    if (!isThere(storm.tasks)) done.push(storm.step());
    await watch.look();
    assert.equal(test.carillon.queries.system.folderTrouble(), undefined);
    const live = stateOf(test.carillon);
    await using fresh = await startCarillon({}, { flags: { tasks: storm.tasks } });
    const expected = stateOf(fresh.carillon);
    const context = `seed ${seed}; ${done.slice(-40).join(" ")}`;
    assert.deepEqual(live, expected, context);
    assert.ok(new Set(done).size > 30 && live.tasks.length > 0 && live.broken.length > 0, context);
  } finally {
    await watch.stop();
  }
});
