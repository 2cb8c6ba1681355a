/** Values of Python expressions that are known from the text alone: literals, constants, dates and time zones. */
import type { Call, Expression } from "./expression.ts";
import type { Names } from "./names.ts";

/** An expression whose value is known only when it is run. */
export class UnknownValue extends Error {
  override readonly name = "UnknownValue";
}

const MAX_DEPTH = 50;
const UTC_NAMES = ["utc", "UTC", "timezone.utc", "datetime.timezone.utc", "pytz.utc", "pytz.UTC"];

/** The value of an expression as plain data; dates and zones become texts. @throws UnknownValue with what it is */
export function valueOf(expression: Expression, names: Names, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new UnknownValue("it goes too deep");
  const inner = (each: Expression) => valueOf(each, names, depth + 1);
  switch (expression.kind) {
    case "value":
      return expression.value;
    case "list":
      return expression.items.map(inner);
    case "dictionary":
      return Object.fromEntries(expression.entries.map(([key, value]) => [String(inner(key)), inner(value)]));
    case "name": {
      if (UTC_NAMES.includes(expression.name)) return "UTC";
      const constant = names.constant(expression.name);
      if (!constant) {
        const why = names.isVaried(expression.name) ? ", as it is given several values" : "";
        throw new UnknownValue(`${expression.name} is known only when it is run${why}`);
      }
      return inner(constant);
    }
    case "call":
      return callValue(expression, inner);
    case "sum":
      return sumOf(inner(expression.left), inner(expression.right));
    case "other":
      throw new UnknownValue(`"${expression.text}" is known only when it is run`);
  }
}

function sumOf(left: unknown, right: unknown): unknown {
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  throw new UnknownValue("a sum of values of different kinds is known only when it is run");
}

function callValue(
  { callee, args, named, spread, brought }: Call,
  inner: (each: Expression) => unknown,
): unknown {
  const last = callee.split(".").at(-1) ?? "";
  if (!spread && brought.length === 0) {
    if (/^(?:timezone|ZoneInfo|gettz)$/.test(last) && args[0]) return inner(args[0]);
    if (last === "dict") return Object.fromEntries(named.map(([name, value]) => [name, inner(value)]));
    if (/^(?:datetime|date)$/.test(last)) {
      const parts = new Map<string, unknown>(args.map((arg, i) => [DATE_PARTS[i] ?? "", inner(arg)]));
      for (const [name, value] of named) if (name !== "tzinfo") parts.set(name, inner(value));
      if (parts.has("year")) return dateText(parts);
    }
  }
  throw new UnknownValue(`${callee}(…) is known only when it is run`);
}

const DATE_PARTS = ["year", "month", "day", "hour", "minute", "second", "microsecond"];

function dateText(parts: ReadonlyMap<string, unknown>): string {
  const [year, month, day, hour, minute, second, micro] = DATE_PARTS.map((name) =>
    Number(parts.get(name) ?? 0)
  );
  const two = (value: number | undefined) => String(value ?? 0).padStart(2, "0");
  const fraction = micro ? `.${String(micro).padStart(6, "0")}` : "";
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${
    two(second)
  }${fraction}`;
}
