/** The second: begins when `extract` has succeeded. */
import { defineTask, z } from "carillon";

const EXTRACTED = z.object({ rows: z.array(z.object({ city: z.string(), c: z.number() })) });

export default defineTask({
  after: "extract",
  run({ cause }) {
    // Started by hand, it follows nothing.
    const { rows } = EXTRACTED.parse(cause?.result ?? { rows: [] });
    return { rows: rows.map(({ city, c }) => ({ city, f: c * 1.8 + 32 })) };
  },
});
