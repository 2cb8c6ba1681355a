/** What values of a `[notify:…]` section may be; each message goes on the sentence `… key "url" `. */
import { z } from "zod";

/** An address with its path; what stands in it may be secret, so messages never quote it. */
export const address = z.string().refine(
  (url) => /^https?:\/\//.test(url) && URL.canParse(url),
  "must be an http or https address",
);

/** A text that must be there. @param what completes "must be …" */
export function required(what: string): z.ZodString {
  return z.string({ error: "is missing" }).regex(/\S/, `must be ${what}`);
}

export const optional = z.string().default("");

/** Address of a proxy; it may hold a password, so messages never quote it. */
export const proxy = z.string().refine(
  (url) => url === "" || (/^(?:https?|socks5h?):\/\//.test(url) && URL.canParse(url)),
  "must be an address such as http://proxy.example:3128 or socks5://127.0.0.1:1080",
).default("").transform((url) => url === "" ? undefined : url);

/** Words with commas between them. */
export const words = z.string().default("").transform((text) =>
  text.split(/[,\n]/).map((each) => each.trim()).filter((each) => each !== "")
);

export const yesOrNo = z.enum(["yes", "no"], { error: "must be yes or no" }).default("no").transform((each) =>
  each === "yes"
);
