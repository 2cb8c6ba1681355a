/** A task that needs an approval needs people who sign in: without, its file is refused with a sentence. */
import type { DescribeModule } from "./registry.ts";

const SENTENCE = `approval: it takes people who sign in, so that one can approve what another asks for; ` +
  `set [auth] mode in carillon.ini to password, proxy or oidc, or leave "approval" out`;

/** @param signIn true where people sign in */
export function onlyApprovable(describe: DescribeModule, signIn: boolean): DescribeModule {
  if (signIn) return describe;
  return async (module, version) => {
    const answer = await describe(module, version);
    if (!answer.ok) return answer;
    const held = answer.descriptions.find(({ policies }) => policies.approval !== undefined);
    return held === undefined ? answer : { ok: false, message: SENTENCE };
  };
}
