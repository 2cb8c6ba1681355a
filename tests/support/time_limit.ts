/**
 * Loaded before each file of tests (`--preload`): a test that takes this long has failed, and says so by its name, instead
 * of keeping the others from being run. The longest of them all kills Carillon 100 times.
 */
/** Minutes. */
const LIMIT = Number(Deno.env.get("CARILLON_TEST_LIMIT") ?? 15);

type Definition = Deno.TestDefinition & { timeout?: number };

const plain = Deno.test as unknown as (definition: Definition) => void;

function limited(...given: readonly unknown[]): void {
  const options = given.find((each): each is Partial<Definition> =>
    typeof each === "object" && each !== null
  );
  const fn = given.find((each): each is Definition["fn"] => typeof each === "function") ?? options?.fn;
  const name = given.find((each) => typeof each === "string") ?? options?.name ?? fn?.name;
  plain({ timeout: LIMIT * 60_000, ...options, name, fn } as Definition);
}

Object.assign(Deno, { test: Object.assign(limited, Deno.test) });
