/** Targets and messages as tests need them. */
import { readConfig } from "../../app/config/config.ts";
import type { Message } from "../../app/notify/message.ts";
import { readTargets, type Target } from "../../app/notify/target.ts";

/** The targets of the sections of an INI text. */
export function targetsOf(text: string, environment: Record<string, string> = {}): readonly Target[] {
  const config = readConfig({
    folder: "/srv/carillon",
    file: { name: "carillon.ini", text },
    environment,
    flags: { timezone: "UTC" },
  });
  return readTargets(config.named, config.scheduler.timezone);
}

/** The only target of a `[notify:ops]` section with these lines. */
export function targetOf(lines: string): Target {
  const [target] = targetsOf(`[notify:ops]\n${lines}\n`);
  if (!target) throw new Error("there is no section");
  return target;
}

export const MESSAGE: Message = {
  id: "0199a0d6-0000-7000-8000-000000000001",
  at: Date.UTC(2026, 10, 25, 8),
  tone: "bad",
  locale: "en",
  title: "sync_orders failed",
  facts: [{ name: "Task", value: "sync_orders" }, { name: "Took", value: "3 s" }],
  detail: "connect ECONNREFUSED 10.0.0.7:5432\n    at query",
  link: "https://carillon.example/runs/1",
  linkText: "Open",
  subject: "task/sync_orders",
  events: [{ kind: "failed", at: Date.UTC(2026, 10, 25, 8), task: "sync_orders", run: "1", count: 1 }],
};
