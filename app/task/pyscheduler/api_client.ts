/** The shared API client of PyScheduler's api/__init__.py, whose account stands in its code. */
import { readExpression } from "./expression.ts";
import { logicalLines } from "./tokens.ts";

/** Where a client is made, and for which address; undefined where none is. */
export function apiClientIn(text: string): { readonly line: number; readonly baseUrl: string } | undefined {
  for (const { tokens } of logicalLines(text)) {
    const at = tokens.findIndex(({ text }, i) => text === "APIClient" && tokens[i + 1]?.text === "(");
    const token = tokens[at];
    if (!token) continue;
    const { expression } = readExpression(tokens, at);
    if (expression.kind !== "call") continue;
    const baseUrl = expression.named.find(([name]) => name === "base_url")?.[1] ?? expression.args[0];
    if (baseUrl?.kind === "value" && typeof baseUrl.value === "string") {
      return { line: token.line, baseUrl: baseUrl.value };
    }
  }
  return undefined;
}
