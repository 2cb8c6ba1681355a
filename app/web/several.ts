/** The same done to several things: what is refused for one keeps the others from nothing, and is said in words. */
import { text, type TextKey } from "../locale/locale.ts";
import type { Locale } from "../model/locale.ts";
import type { StartAnswer } from "../service/operations.ts";
import { Refusal, type RefusalKind } from "../service/refusal.ts";
import { problemText } from "../task/params.ts";
import { REFUSAL_STATUS, RequestProblem } from "./request_problem.ts";

export interface RefusedOne {
  readonly kind: RefusalKind;
  /** What was not done to, and why. */
  readonly reason: string;
}

export interface Several<T> {
  readonly done: readonly T[];
  readonly refused: readonly RefusedOne[];
}

/**
 * Tries it with each.
 *
 * @param label what one of them is called where it is refused; nothing where the sentence names it
 */
export async function eachOf<I, T>(
  items: readonly I[],
  locale: Locale,
  label: (item: I) => string,
  act: (item: I) => T | Promise<T>,
): Promise<Several<T>> {
  const answers = await Promise.all(items.map(async (item) => {
    try {
      return { ok: true as const, done: await act(item) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const sentence = text(locale, error.key, error.values);
      const name = label(item);
      return {
        ok: false as const,
        kind: error.kind,
        reason: name === "" ? sentence : `${name}: ${sentence}`,
      };
    }
  }));
  return {
    done: answers.flatMap((each) => each.ok ? [each.done] : []),
    refused: answers.flatMap((each) => each.ok ? [] : [each]),
  };
}

/** Does it to all at once, which is one deed in the audit; where that is refused, to each that it is not refused for. */
export async function togetherOrEach(
  ids: readonly string[],
  locale: Locale,
  label: (id: string) => string,
  act: (ids: readonly string[]) => unknown,
): Promise<Several<string>> {
  try {
    await act(ids);
    return { done: ids, refused: [] };
  } catch (error) {
    // What is wrong with the form is wrong with each.
    if (!(error instanceof Refusal) || error.kind === "invalid" || ids.length === 1) throw error;
  }
  return await eachOf(ids, locale, label, async (id) => {
    await act([id]);
    return id;
  });
}

/** The run that was started. @throws Refusal `invalid` where its parameters do not pass */
export function runOf(answer: StartAnswer) {
  if (answer.ok) return answer.run;
  throw new Refusal("invalid", "problem.params", { reason: problemText(answer.problems) });
}

/**
 * What was done, and behind it what was not, and why.
 *
 * @param key what stands before the reasons
 * @throws RequestProblem where nothing was done at all
 */
export function saidOf(
  message: string,
  { done, refused }: Several<unknown>,
  locale: Locale,
  key: TextKey,
): string {
  if (refused.length === 0) return message;
  const said = { reason: refused.map(({ reason }) => reason).join(text(locale, "list.semicolon")) };
  if (done.length > 0) return `${message} ${text(locale, key, said)}`;
  throw new RequestProblem(REFUSAL_STATUS[kindOf(new Set(refused.map(({ kind }) => kind)))], key, said);
}

function kindOf(kinds: ReadonlySet<RefusalKind>): RefusalKind {
  const [only] = kinds;
  if (only !== undefined && kinds.size === 1) return only;
  return kinds.isSubsetOf(new Set<RefusalKind>(["unknown", "forbidden"])) ? "forbidden" : "invalid";
}
