/**
 * Drivers look for their settings in the environment too, while all that they need is given to them. In a process that may
 * not read the environment, what it does not let them read is not there. To be imported before a driver.
 */
import process from "node:process";

if (Deno.permissions.querySync({ name: "env" }).state !== "granted") {
  const real = process.env;
  // Not in front of the real one: what a proxy answers is compared with what its target has, which may not be read.
  process.env = new Proxy({}, {
    get: (_none, name) => ifPermitted(() => Reflect.get(real, name)),
    has: (_none, name) => ifPermitted(() => Reflect.has(real, name)) ?? false,
    set: (_none, name, value) => Reflect.set(real, name, value),
  });
}

function ifPermitted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
