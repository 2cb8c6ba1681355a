/** What `Deno.test` is called with, in one form: for those that stand in for it. */

export type Definition = Deno.TestDefinition & {
  /** Milliseconds. */
  timeout?: number;
};

type Register = (definition: Definition) => void;

/** In place of `Deno.test`: each definition is changed before it is registered. */
export function changeDefinitions(change: (definition: Definition) => Definition): void {
  const { test } = Deno;
  const register = test as unknown as Register;
  const changed = (...given: readonly unknown[]) => register(change(definitionOf(given)));
  Object.assign(Deno, { test: Object.assign(changed, test) });
}

/** @param given a name, options and a function in any of the ways that `Deno.test` takes */
function definitionOf(given: readonly unknown[]): Definition {
  const options = given.find((each): each is Partial<Definition> =>
    typeof each === "object" && each !== null
  );
  const fn = given.find((each): each is Definition["fn"] => typeof each === "function") ?? options?.fn;
  const name = given.find((each) => typeof each === "string") ?? options?.name ?? fn?.name;
  return { ...options, name, fn } as Definition;
}
