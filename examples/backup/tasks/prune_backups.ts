/** Removes old backups after each new one, but never the last few. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineTask, z } from "carillon";

export default defineTask({
  title: "Prune backups",
  after: "backup",
  tags: "backup",
  params: z.object({
    folder: z.string().default("backups"),
    days: z.int().min(1).default(14),
    keep: z.int().min(1).default(3),
  }),
  async run({ params, log, run }) {
    const names = (await readdir(params.folder)).filter((name) => name.endsWith(".dump"));
    const files = await Promise.all(names.map(async (name) => {
      const path = join(params.folder, name);
      return { path, at: (await stat(path)).mtimeMs };
    }));
    const oldest = run.scheduledAt.subtract({ hours: 24 * params.days }).epochMilliseconds;
    const old = files.sort((a, b) => b.at - a.at).slice(params.keep).filter(({ at }) => at < oldest);
    for (const { path } of old) {
      await rm(path);
      log.info(`removed ${path}`);
    }
    return `${old.length} removed, ${files.length - old.length} kept`;
  },
});
