/** A task that needs an approval needs people who sign in: without, its file is refused with a sentence. */
import { sentence, toldOf, wrongWith } from "../locale/sentence.ts";
import type { DescribeModule } from "./registry.ts";

/** @param signIn true where people sign in */
export function onlyApprovable(describe: DescribeModule, signIn: boolean): DescribeModule {
  if (signIn) return describe;
  return async (module, version) => {
    const answer = await describe(module, version);
    if (!answer.ok) return answer;
    const held = answer.descriptions.find(({ policies }) => policies.approval !== undefined);
    if (held === undefined) return answer;
    return { ok: false, ...toldOf(wrongWith("approval", sentence("mistake.approval.sign_in"))) };
  };
}
