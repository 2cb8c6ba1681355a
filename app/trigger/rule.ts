/** Triggers in the notation of APScheduler's `str(trigger)`, which PyScheduler's `/jobs` and its users' scripts read. */
import { CRON_FIELDS, type TriggerSpec } from "./trigger.ts";
import { Zone } from "./zone.ts";

/** `cron[minute='15']`, `interval[0:00:05]`, `date[2026-12-24 18:00:00 CET]`, `or[…]`, `and[…]`, `crontab[0 9 * * 1]`. */
export function ruleOf(spec: TriggerSpec, timezone: string): string {
  switch (spec.kind) {
    case "cron": {
      const given = CRON_FIELDS.filter((name) => spec.fields[name] !== undefined);
      return `cron[${given.map((name) => `${snakeCase(name)}='${spec.fields[name]}'`).join(", ")}]`;
    }
    case "crontab":
      return `crontab[${spec.line}]`;
    case "interval":
      return `interval[${timedelta(spec.every)}]`;
    case "date": {
      const zone = spec.timezone ?? timezone;
      const local = Zone.of(zone).instantOf(spec.date, "at").toZonedDateTimeISO(zone);
      return `date[${
        local.toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " ")
      } ${zone}]`;
    }
    case "any":
      return spec.of.length === 1 && spec.of[0]
        ? ruleOf(spec.of[0], timezone)
        : `or[${spec.of.map((each) => ruleOf(each, timezone)).join(", ")}]`;
    case "all":
      return `and[${spec.of.map((each) => ruleOf(each, timezone)).join(", ")}]`;
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Python's `str(timedelta)`: `0:00:05`, `1 day, 2:00:00`, `14 days, 0:00:00`, `0:00:00.500000`. */
function timedelta(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const rest = ms - days * 86_400_000;
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${Math.floor(rest / 3_600_000)}:${two(Math.floor(rest / 60_000) % 60)}:${
    two(Math.floor(rest / 1_000) % 60)
  }`;
  const fraction = rest % 1_000 === 0 ? "" : `.${String(rest % 1_000).padStart(3, "0")}000`;
  return (days === 0 ? "" : `${days} day${days === 1 ? "" : "s"}, `) + clock + fraction;
}
