/** What a setting's text may be, and the value it becomes. Each message goes on the sentence `… key "port": "x" `. */
import { text } from "../locale/locale.ts";
import { z } from "zod";
import { AddressList } from "../base/addresses.ts";
import { messageOf } from "../base/errors.ts";
import { whyNotGranted } from "../base/granted.ts";
import { isLoopback } from "../base/loopback.ts";
import { durationMs } from "../base/duration.ts";
import { isTimeZone } from "../base/time_zone.ts";
import { SYSTEM_FACTS } from "../model/order.ts";

export const anyText = z.string();

/** A text that is not empty. @param what completes "must name …" */
export function named(what: string): z.ZodType<string> {
  return z.string().min(1, `must name ${what}`);
}

export function wholeNumber(least: number, greatest: number): z.ZodType<number> {
  const message = `must be a whole number from ${least} to ${greatest}`;
  return z.string().regex(/^\d{1,9}$/, message).transform(Number).refine(
    (value) => value >= least && value <= greatest,
    message,
  );
}

export const hostName = z.string().regex(
  /^(?:[\w.-]+|[\da-fA-F:.]+)$/,
  "must be a host name or an IP address",
);

export const baseUrl = z.string().refine(
  (url) => url === "" || (/^https?:\/\//.test(url) && URL.canParse(url)),
  "must be an http or https URL",
);

/** A name of a header field (RFC 9110). */
export const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, "must be the name of a header");

/** What a provider on another machine says must not be changed on the way: it takes https. */
export const issuerUrl = z.string().refine(
  (url) =>
    url === "" ||
    (URL.canParse(url) && (/^https:/.test(url) || (/^http:/.test(url) && isLoopback(hostOf(url))))),
  "must be an https URL",
);

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, "");
}

/** A list with commas of IP addresses and of ranges such as `10.0.0.0/8`. */
export const addresses = z.string().transform((text, context): AddressList => {
  try {
    return new AddressList(text);
  } catch (error) {
    context.addIssue(messageOf(error));
    return z.NEVER;
  }
});

/** Origins of web pages with commas (RFC 6454): `https://one.example, http://two.example:8080`. */
export const origins = z.string().transform((value, context): readonly string[] => {
  const all = value.split(",").map((each) => each.trim()).filter((each) => each !== "");
  const wrong = all.find((each) =>
    !/^https?:/.test(each) || !URL.canParse(each) || new URL(each).origin !== each
  );
  if (wrong === undefined) return all;
  context.addIssue(`"${wrong}" must be an origin such as https://dashboard.example, without a path`);
  return z.NEVER;
});

export const zoneName = z.string().refine(
  isTimeZone,
  "must be an IANA time zone such as Europe/Stockholm or UTC",
);

/** Milliseconds. */
export const duration = z.string().transform((value, context) => {
  try {
    return durationMs(value);
  } catch (error) {
    context.addIssue(messageOf(error));
    return z.NEVER;
  }
});

/** Milliseconds, at least one and no more than a timer can wait. */
export const timeSpan = duration.refine(
  (ms) => ms >= 1 && ms < 2 ** 31,
  "must be longer than nothing and shorter than 24 days",
);

/** Milliseconds, or undefined where the text is empty: no limit. */
export const timeLimit = z.string().transform((value, context): number | undefined => {
  if (value === "") return undefined;
  const result = duration.safeParse(value);
  if (result.success && result.data > 0) return result.data;
  context.addIssue(
    result.success
      ? "must be longer than nothing; leave it empty for no limit"
      : result.error.issues.map(({ message }) => message).join("; "),
  );
  return z.NEVER;
});

/** `all`, `none`, or a list with commas: true, false, or the list. */
export const permission = z.string().transform((value): boolean | readonly string[] => {
  if (value === "all") return true;
  const all = value.split(",").map((each) => each.trim()).filter((each) => each !== "");
  return value === "none" || all.length === 0 ? false : all;
});

/** The same of what the runtime grants. @param kind such as `net` */
export function runtimePermission(kind: string): typeof permission {
  return permission.superRefine((value, context) => {
    for (const entry of typeof value === "boolean" ? [] : value) {
      const why = whyNotGranted(kind, entry);
      if (why !== undefined) {
        context.addIssue(`"${entry}": ${text("en", `mistake.granted.${why}`, { entry })}`);
      }
    }
  });
}

/** What a sandbox may ask of the system; a name that the runtime does not know would keep it from starting. */
export const systemPermission = permission.refine(
  (value) => typeof value === "boolean" || value.every((each) => SYSTEM_FACTS.some((fact) => fact === each)),
  { error: `must be all, none, or some of ${SYSTEM_FACTS.join(", ")}` },
);

export function oneOf<const T extends readonly [string, ...string[]]>(words: T): z.ZodType<T[number]> {
  return z.enum(words, { error: `must be one of ${words.join(", ")}` });
}
