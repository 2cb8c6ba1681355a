/** In a host: whether what the language and the runtime come with and zod are still what they were. */
import { z } from "zod";

const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { getPrototypeOf, keys: enumerableKeys } = Object;

/** What is kept of one object to see later whether it is still the same. */
interface Shape {
  readonly name: string;
  readonly object: object;
  /** Enumerable ones: what is added by an assignment counts, a polyfill that hides itself does not. */
  readonly keyCount: number;
  readonly sameValues: () => boolean;
  readonly getterKeys: readonly PropertyKey[];
  readonly getters: readonly unknown[];
}

/** Set by many libraries, to no harm of others. */
const FREE_TO_CHANGE: readonly PropertyKey[] = ["stackTraceLimit", "prepareStackTrace"];

/** Takes all as it is now; the answer names what is different later. It takes some 50 µs: it is asked after each run. */
export function changedBuiltins(): () => string[] {
  const shapes = builtinObjects().map(([name, object]) => shapeOf(name, object));
  const handlers = eventHandlers();
  return () => {
    const changed: string[] = [];
    // Counted loops: a task may have replaced what `for … of` stands on.
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i];
      if (shape && !isAsBefore(shape)) changed[changed.length] = `a changed ${shape.name}`;
    }
    if (eventHandlers() !== handlers) changed[changed.length] = "a handler of global events";
    return changed;
  };
}

function shapeOf(name: string, object: object, only?: readonly string[]): Shape {
  const keys = (only ?? ownKeys(object)).filter((key) => mayChange(object, key));
  const getterKeys = keys.filter((key) => getterOf(object, key) !== undefined);
  const valueKeys = keys.filter((key) => !getterKeys.includes(key));
  return {
    name,
    object,
    keyCount: enumerableKeys(object).length,
    sameValues: comparison(object as Readonly<Record<PropertyKey, unknown>>, valueKeys),
    getterKeys,
    getters: getterKeys.map((key) => getterOf(object, key)),
  };
}

function mayChange(object: object, key: PropertyKey): boolean {
  const descriptor = getOwnPropertyDescriptor(object, key);
  if (FREE_TO_CHANGE.includes(key) || !descriptor) return false;
  return descriptor.configurable === true || descriptor.writable === true;
}

/**
 * Compares the values of an object's keys with those of now. Written out as code, each access has a place of its own,
 * which the engine makes 50 times faster than a loop over names.
 */
function comparison(
  object: Readonly<Record<PropertyKey, unknown>>,
  keys: readonly PropertyKey[],
): () => boolean {
  const place = (key: PropertyKey, i: number) =>
    typeof key === "symbol" ? `object[k${i}]` : `object[${JSON.stringify(key)}]`;
  const tests = keys.map((key, i) => `${place(key, i)} === v${i}`);
  const names = keys.map((key, i) =>
    `${typeof key === "symbol" ? `const k${i} = keys[${i}];` : ""}const v${i} = ${place(key, i)};`
  );
  const make = new Function(
    "object",
    "keys",
    `${names.join("")} return () => ${tests.length === 0 ? "true" : tests.join("&&")};`,
  ) as (object: unknown, keys: readonly PropertyKey[]) => () => boolean;
  return make(object, keys);
}

function isAsBefore({ object, keyCount, sameValues, getterKeys, getters }: Shape): boolean {
  if (enumerableKeys(object).length !== keyCount || !sameValues()) return false;
  for (let i = 0; i < getterKeys.length; i++) {
    if (getterOf(object, getterKeys[i] ?? "") !== getters[i]) return false;
  }
  return true;
}

type Lookup = (object: object, key: PropertyKey) => unknown;
const { call } = Function.prototype;
const { __lookupGetter__, __lookupSetter__ } = Object.prototype as unknown as Record<string, unknown>;
// Held as functions of two arguments: a task may replace what methods are called by.
const lookupGetter = call.bind(__lookupGetter__ as () => unknown) as Lookup;
const lookupSetter = call.bind(__lookupSetter__ as () => unknown) as Lookup;
function getterOf(object: object, key: PropertyKey): unknown {
  return lookupGetter(object, key) ?? lookupSetter(object, key);
}

const GLOBALS = [
  ...[
    "Object",
    "Function",
    "Array",
    "String",
    "Number",
    "Boolean",
    "BigInt",
    "Symbol",
    "Date",
    "RegExp",
    "Promise",
  ],
  ...[
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "WeakRef",
    "Error",
    "TypeError",
    "RangeError",
    "SyntaxError",
    "AggregateError",
  ],
  ...[
    "ArrayBuffer",
    "DataView",
    "Uint8Array",
    "Float64Array",
    "Iterator",
    "FinalizationRegistry",
    "DOMException",
  ],
  ...[
    "URL",
    "URLSearchParams",
    "Headers",
    "Request",
    "Response",
    "FormData",
    "Blob",
    "AbortController",
    "AbortSignal",
  ],
  ...[
    "Event",
    "EventTarget",
    "TextEncoder",
    "TextDecoder",
    "ReadableStream",
    "WritableStream",
    "TransformStream",
  ],
  ...["WebSocket", "Worker", "MessagePort", "Performance", "Crypto"],
];
const NAMESPACES = [
  "JSON",
  "Math",
  "Reflect",
  "Atomics",
  "Intl",
  "Temporal",
  "console",
  "performance",
  "crypto",
  "Deno",
];
function builtinObjects(): [string, object][] {
  const all: [string, object][] = [];
  const add = (name: string, value: unknown) => {
    if ((typeof value === "object" || typeof value === "function") && value !== null) all.push([name, value]);
  };
  const scope = globalThis as unknown as Readonly<
    Record<string, { readonly prototype?: unknown } | undefined>
  >;
  for (const name of GLOBALS) {
    add(name, scope[name]);
    add(`${name}.prototype`, scope[name]?.prototype);
  }
  for (const name of NAMESPACES) add(name, scope[name]);
  add("TypedArray.prototype", getPrototypeOf(Uint8Array.prototype));
  add("generator", getPrototypeOf(function* () {}.prototype));
  add("async generator", getPrototypeOf(async function* () {}.prototype));
  add("array iterator", getPrototypeOf([][Symbol.iterator]()));
  add("Deno.env", Deno.env);
  add("Deno.Command.prototype", Deno.Command.prototype);
  for (const schema of [z.string(), z.number(), z.object({}), z.array(z.string()), z.optional(z.string())]) {
    const prototype = getPrototypeOf(schema);
    keepGetters(prototype);
    add("zod", prototype);
  }
  add("global", globalThis);
  return all;
}

/** What cannot be changed need not be compared: zod has half of all getters. */
function keepGetters(object: object): void {
  for (const key of ownKeys(object)) {
    if (getterOf(object, key) !== undefined) defineProperty(object, key, { configurable: false });
  }
}

function eventHandlers(): number {
  const scope = globalThis as unknown as Readonly<Record<string, unknown>>;
  let count = 0;
  for (const name of ["onerror", "onunhandledrejection", "onload", "onunload", "onbeforeunload"]) {
    if (typeof scope[name] === "function") count++;
  }
  return count;
}
