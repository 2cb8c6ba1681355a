/**
 * Loaded before each part of the tests (`--preload`): a test that takes this long has failed, and says so by its name, instead
 * of keeping the others from being run. The longest of them all kills Carillon 100 times.
 */
import { changeDefinitions } from "./definition.ts";

/** Minutes. */
const LIMIT = Number(Deno.env.get("CARILLON_TEST_LIMIT") ?? 15);

changeDefinitions((definition) => ({ timeout: LIMIT * 60_000, ...definition }));
