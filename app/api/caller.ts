/** How whoever asks through the API is called where no sign-in says who it is. */
import type { Context } from "hono";

/** How `carillon` as a client of itself names itself. */
export const CLI_AGENT = "carillon-cli";

export function callerName(context: Context): string {
  return context.req.header("user-agent")?.startsWith(CLI_AGENT) ? "the command line" : "the API";
}
