/** Fails where a disk is nearly full, so that somebody is told ([notify:…] of carillon.ini). */
import { defineTask, every, sh, z } from "carillon";

export default defineTask({
  title: "Disk space",
  trigger: every("15m"),
  tags: "ops",
  params: z.object({ folders: z.string().default("/"), percent: z.number().max(100).default(90) }),
  async run({ params }) {
    // In a template each value is quoted, a list becomes several words.
    const { lines } = await sh`df -P ${params.folders.split(",")}`;
    const used = lines.slice(1).map((line) => {
      const words = line.split(/\s+/);
      return { disk: words[5], percent: Number(words[4]?.replace("%", "")) };
    });
    const full = used.filter(({ percent }) => percent >= params.percent);
    if (full.length > 0) {
      throw new Error(full.map(({ disk, percent }) => `${disk} is ${percent} % full`).join(", "));
    }
    return used;
  },
});
