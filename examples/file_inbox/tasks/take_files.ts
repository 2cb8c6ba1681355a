/** Takes the CSV files that are put into a folder into a table, each as soon as it is there. */
import { mkdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { defineTask, insertMany, z } from "carillon";

const READING = z.object({
  sensor: z.string().min(1),
  at: z.iso.datetime({ local: true }),
  value: z.coerce.number(),
});

/** A run for each new file, one after the other: one that is wrong is put aside and stops none of the others. */
export default defineTask({
  title: "Take files",
  watch: "inbox/*.csv",
  params: z.object({ file: z.string() }),
  async run({ params: { file }, signal }) {
    try {
      const rows = readings(await readFile(file, "utf8"));
      // All of its rows or none; a file that comes twice changes nothing.
      await insertMany("dwh", "readings", rows, { upsert: ["sensor", "at"], signal });
      await putInto("done", file);
      return `${rows.length} rows`;
    } catch (error) {
      // Cancelled or out of time, it is not the file that is wrong.
      if (!signal.aborted) await putInto("wrong", file);
      throw error;
    }
  },
});

/** Moves a file to a folder beside it. */
async function putInto(name: string, file: string): Promise<void> {
  const folder = join(dirname(file), name);
  await mkdir(folder, { recursive: true });
  await rename(file, join(folder, basename(file)));
}

function readings(text: string) {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").trim().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line, index) => {
    const cells = line.split(",");
    const row = READING.safeParse(
      Object.fromEntries(names.map((name, i) => [name.trim(), cells[i]?.trim()])),
    );
    if (row.success) return row.data;
    const problems = row.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`line ${index + 2}: ${problems.join("; ")}`);
  });
}
