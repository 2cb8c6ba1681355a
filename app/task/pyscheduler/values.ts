/** Values of Python expressions that are known from the text alone: literals, constants, dates and time zones. */
import { arithmetic, type Call, type Expression, type Value } from "./expression.ts";
import type { Names } from "./names.ts";

/** An expression whose value is known only when it is run. */
export class UnknownValue extends Error {
  override readonly name = "UnknownValue";
}

/** What Python would have, as far as it is known. */
type Known =
  | Value
  | { readonly kind: "list"; readonly items: readonly Known[]; readonly isTuple?: boolean }
  | { readonly kind: "dictionary"; readonly entries: readonly (readonly [Known, Known])[] }
  | { readonly kind: "date"; readonly text: string }
  /** `ofPytz`: one that is local mean time as a `tzinfo`, minutes away from what clocks show. */
  | { readonly kind: "zone"; readonly name: string; readonly ofPytz?: boolean };

const MAX_DEPTH = 50;
const UTC_NAMES = ["utc", "UTC", "timezone.utc", "datetime.timezone.utc", "pytz.utc", "pytz.UTC"];

/**
 * The value of an expression as plain data; dates and zones become texts.
 *
 * @param changed is told a sentence for each value that is of another kind then
 * @throws UnknownValue with what it is
 */
export function valueOf(
  expression: Expression,
  names: Names,
  changed: (what: string) => void = () => {},
): unknown {
  const found = known(expression, names, 0);
  // A list of arguments may be a tuple as well.
  return found.kind === "list" ? found.items.map((each) => plain(each, changed)) : plain(found, changed);
}

function known(expression: Expression, names: Names, depth: number): Known {
  if (depth > MAX_DEPTH) throw new UnknownValue("it goes too deep");
  const inner = (each: Expression) => known(each, names, depth + 1);
  switch (expression.kind) {
    case "value":
      return expression;
    case "inexact":
      throw new UnknownValue(`${expression.text} is a number that Carillon would round`);
    case "list":
      return { ...expression, items: expression.items.map(inner) };
    case "dictionary":
      return {
        kind: "dictionary",
        entries: expression.entries.map(([key, value]) => [inner(key), inner(value)]),
      };
    case "name": {
      if (UTC_NAMES.includes(expression.name)) return { kind: "zone", name: "UTC" };
      const constant = names.constant(expression.name);
      if (!constant) {
        const { name } = expression;
        throw new UnknownValue(`${name} is known only when it is run${names.whyUnknown(name)}`);
      }
      return inner(constant);
    }
    case "call":
      return callValue(expression, inner);
    case "sum":
      return sumOf(inner(expression.left), inner(expression.right), inner);
    case "other":
      throw new UnknownValue(`"${expression.text}" is known only when it is run`);
  }
}

function sumOf(left: Known, right: Known, inner: (each: Expression) => Known): Known {
  if (left.kind === "value" && right.kind === "value") {
    if (typeof left.value === "string" && typeof right.value === "string") {
      return { kind: "value", value: left.value + right.value };
    }
    const number = arithmetic(left, "+", right);
    if (number) return inner(number);
  }
  if (left.kind === "list" && right.kind === "list" && left.isTuple === right.isTuple) {
    return { ...left, items: [...left.items, ...right.items] };
  }
  throw new UnknownValue("a sum of values of different kinds is known only when it is run");
}

function callValue(
  { callee, args, named, spread, brought }: Call,
  inner: (each: Expression) => Known,
): Known {
  const last = callee.split(".").at(-1) ?? "";
  if (!spread && brought.length === 0) {
    const [first] = args;
    if (/^(?:timezone|ZoneInfo|gettz)$/.test(last) && first && args.length + named.length === 1) {
      const name = textOf(inner(first));
      if (name !== undefined) return { kind: "zone", name, ofPytz: last === "timezone" };
    }
    if (last === "dict" && !first) {
      return {
        kind: "dictionary",
        entries: named.map(([name, each]) => [{ kind: "value", value: name }, inner(each)]),
      };
    }
    if (/^(?:datetime|date)$/.test(last)) {
      const parts = new Map(args.map((arg, i) => [DATE_PARTS[i] ?? `argument ${i + 1}`, inner(arg)]));
      for (const [name, value] of named) parts.set(name, inner(value));
      const text = dateText(parts);
      if (text !== undefined) return { kind: "date", text };
    }
  }
  throw new UnknownValue(`${callee}(…) is known only when it is run`);
}

const DATE_PARTS = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];

/** Undefined where it is no date, or has a part that is not known. */
function dateText(parts: ReadonlyMap<string, Known>): string | undefined {
  const isWhole = ["year", "month", "day"].every((name) => parts.has(name));
  if (!isWhole || [...parts.keys()].some((name) => !DATE_PARTS.includes(name))) return undefined;
  const numbers = DATE_PARTS.slice(0, -1).map((name) => {
    const part = parts.get(name);
    return part?.kind === "value" ? Number(part.value) : part === undefined ? 0 : NaN;
  });
  if (!numbers.every((each) => Number.isInteger(each))) return undefined;
  const [year, month, day, hour, minute, second, micro] = numbers;
  const two = (value: number | undefined) => String(value ?? 0).padStart(2, "0");
  const fraction = micro ? `.${String(micro).padStart(6, "0")}` : "";
  const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${
    two(second)
  }${fraction}`;
  return text + offsetText(text, parts.get("tzinfo"));
}

/** The offset from UTC that a zone has at a time of its own. @throws UnknownValue */
function offsetText(date: string, zone: Known | undefined): string {
  if (zone === undefined || (zone.kind === "value" && zone.value === null)) return "";
  if (zone.kind !== "zone") throw new UnknownValue("the tzinfo of a date is known only when it is run");
  if (zone.ofPytz && !/^(?:Etc\/|UTC$|GMT$)/.test(zone.name)) {
    throw new UnknownValue(
      `tzinfo=pytz.timezone("${zone.name}") is its local mean time, not what clocks show; write ZoneInfo("${zone.name}")`,
    );
  }
  try {
    return Temporal.PlainDateTime.from(date.replace(" ", "T")).toZonedDateTime(zone.name).offset;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnknownValue(`there is no ${date} in a zone ${zone.name}`, { cause: error });
  }
}

function plain(value: Known, changed: (what: string) => void): unknown {
  switch (value.kind) {
    case "value":
      if (value.isFloat && Number.isInteger(value.value)) changed(`${value.value}.0 becomes ${value.value}`);
      return value.value;
    case "list":
      if (value.isTuple) changed("a tuple becomes a list");
      return value.items.map((each) => plain(each, changed));
    case "dictionary":
      return Object.fromEntries(
        value.entries.map(([key, each]) => [keyText(key, changed), plain(each, changed)]),
      );
    case "date":
      changed(`a date becomes the text "${value.text}"`);
      return value.text;
    case "zone":
      changed(`a time zone becomes the text "${value.name}"`);
      return value.name;
  }
}

function keyText(key: Known, changed: (what: string) => void): string {
  if (key.kind !== "value") throw new UnknownValue("a key of a dictionary is no text");
  if (typeof key.value !== "string") changed(`the key ${key.value} becomes the text "${key.value}"`);
  return String(key.value);
}

function textOf(value: Known): string | undefined {
  return value.kind === "value" && typeof value.value === "string" ? value.value : undefined;
}
