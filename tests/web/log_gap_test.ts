/** What of a long log is kept nowhere is told where it would be. */
import assert from "node:assert/strict";
import { missingLines } from "../../app/locale/missing_lines.ts";
import { LogGaps } from "../../app/model/log_gaps.ts";
import type { NumberedLine } from "../../app/model/run.ts";
import type { Queries } from "../../app/service/queries.ts";
import { logFile } from "../../app/web/whole_log.tsx";

const line = (number: number): NumberedLine => ({ number, at: 0, level: "info", text: `line ${number}` });

async function fileOf(...parts: readonly (readonly NumberedLine[])[]): Promise<string> {
  const runs: Pick<Queries["runs"], "logParts"> = {
    async *logParts() {
      yield* parts;
    },
  };
  return (await Array.fromAsync(logFile({ runs } as unknown as Queries, "run"))).join("");
}

const shown = (number: number) => `1970-01-01T00:00:00.000Z INFO  line ${number}\n`;

Deno.test("a log without a gap is its lines alone", async () => {
  assert.equal(await fileOf([line(0), line(1)], [], [line(2)]), shown(0) + shown(1) + shown(2));
});

Deno.test("what is missing at the beginning, within a part and between two is counted where it would be", async () => {
  assert.equal(
    await fileOf([line(2), line(5)], [line(1_005)]),
    `… 2 lines are missing here: they could not be written, or were more than [history] log_size\n${
      shown(2)
    }` +
      `… 2 lines are missing here: they could not be written, or were more than [history] log_size\n${
        shown(5)
      }` +
      `… 999 lines are missing here: they could not be written, or were more than [history] log_size\n${
        shown(1_005)
      }`,
  );
});

Deno.test("from a line on only what is behind it is missing; a page says it in its language", () => {
  const gaps = new LogGaps(100);
  assert.deepEqual([100, 103, 104].map((number) => gaps.before(line(number))), [0, 2, 0]);
  assert.equal(missingLines(0, "zh"), "");
  assert.match(missingLines(3, "zh"), /^… .*3.*\[history\] log_size\n$/);
});
