/** What the server answers, as far as commands look at it. A newer server may say more. */
import { z } from "zod";

const MOMENT = z.iso.datetime();

export const RUN = z.object({
  id: z.string(),
  task: z.string(),
  status: z.string(),
  finished: z.boolean(),
  cause: z.string(),
  by: z.string().nullable(),
  scheduled_at: MOMENT.nullable(),
  queued_at: MOMENT,
  started_at: MOMENT.nullable(),
  finished_at: MOMENT.nullable(),
  attempt: z.int(),
  message: z.string().nullable(),
  error: z.object({ name: z.string(), message: z.string() }).nullable(),
  progress: z.object({ fraction: z.number().optional(), note: z.string().optional() }).nullable(),
});
export type AnsweredRun = z.output<typeof RUN>;

export const RUNS = z.object({ runs: z.array(RUN), next: z.string().nullable() });

export const LOG_LINE = z.object({ number: z.int(), at: MOMENT, level: z.string(), text: z.string() });
export type AnsweredLine = z.output<typeof LOG_LINE>;

export const BROKEN = z.array(z.object({
  file: z.string(),
  message: z.string(),
  line: z.int().nullable(),
}));
