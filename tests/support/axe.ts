/// <reference lib="dom" />
/** axe-core as the text of a script, to be run in a page; named here so that it stays out of the executable. */
import axe from "npm:axe-core@4.14.1";

import type { Page } from "./browser.ts";

/** What axe knows of accessibility, and of that what has to do with colours. */
const RULES = {
  everything: {
    type: "tag",
    values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  },
  colours: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

/** Rules that a page breaks, each with the first element that does. */
export async function violations(page: Page, of: keyof typeof RULES = "everything"): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run: (options: object) => Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const found = await axe.run({ runOnly, resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  }, RULES[of]);
}
