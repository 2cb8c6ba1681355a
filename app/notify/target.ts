/** A `[notify:…]` section as it is used: a channel with its settings, what goes there, and when. */
import { z } from "zod";
import { messageOf } from "../base/errors.ts";
import { createMask, type Mask } from "../base/mask.ts";
import { suggestion } from "../base/suggestion.ts";
import { isTimeZone } from "../base/time_zone.ts";
import { ConfigError } from "../config/config_error.ts";
import type { NamedSection } from "../config/named_sections.ts";
import { type Locale, LOCALES } from "../model/locale.ts";
import type { Channel } from "./channel.ts";
import { CHANNELS } from "./channels.ts";
import { words } from "./checks.ts";
import { type DigestTime, readDigestTime } from "./digest_time.ts";
import { NOTICE_KINDS, type NoticeKind, ROUTABLE_KINDS, USUAL_KINDS } from "./notice.ts";
import type { Route } from "./route.ts";
import { readWindows, type Window } from "./windows.ts";

export interface Target {
  readonly name: string;
  readonly channel: Channel;
  /** Of the channel; its own schema has checked them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly locale: Locale;
  readonly route: Route;
  /** When it is spoken to; what happens at other times waits. Always where there are none. */
  readonly hours: readonly Window[];
  /** When trouble is expected: what is over by the end of it is never told. */
  readonly maintenance: readonly Window[];
  /** When it gets a report; never where undefined. */
  readonly digest?: DigestTime | undefined;
  /** Zone of the windows and of the report. */
  readonly timezone: string;
  /** Where that goes which cannot be delivered here. */
  readonly otherwise?: string | undefined;
  /** Takes what is secret of it out of texts. */
  readonly mask: Mask;
}

const windows = z.string().default("").transform((text, context) => {
  try {
    return readWindows(text);
  } catch (error) {
    context.addIssue(messageOf(error));
    return z.NEVER;
  }
});

const COMMON = z.object({
  language: z.enum(LOCALES, { error: `must be one of ${LOCALES.join(", ")}` }).default("en"),
  events: words.transform((names, context) => {
    const wrong = names.find((name) => !Object.hasOwn(NOTICE_KINDS, name));
    if (wrong !== undefined) context.addIssue(`"${wrong}" is no event; ${suggestion(wrong, ROUTABLE_KINDS)}`);
    return new Set<NoticeKind>(names.length === 0 ? USUAL_KINDS : names as NoticeKind[]);
  }),
  folders: words,
  tags: words,
  tasks: words,
  hours: windows,
  maintenance: windows,
  digest: z.string().optional().transform((text, context) => {
    try {
      return text === undefined || text === "" ? undefined : readDigestTime(text);
    } catch (error) {
      context.addIssue(messageOf(error));
      return z.NEVER;
    }
  }),
  timezone: z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Stockholm or UTC")
    .optional(),
  else: z.string().optional(),
});

const COMMON_KEYS = Object.keys(COMMON.shape);

/** Keys whose values never appear in a text, wherever they stand. */
const SECRET_KEYS = new Set(["token", "secret", "key", "password", "headers", "url", "proxy"]);

/** Reads the sections. @param timezone of `[scheduler]`. Throws a {@link ConfigError} for the first that is invalid. */
export function readTargets(sections: readonly NamedSection[], timezone: string): readonly Target[] {
  const ours = sections.filter(({ kind }) => kind === "notify");
  return ours.map((section, index) => readTarget(section, timezone, ours[index + 1]?.name, ours));
}

function readTarget(
  section: NamedSection,
  timezone: string,
  next: string | undefined,
  all: readonly NamedSection[],
): Target {
  const channel = channelOf(section);
  const ownKeys = Object.keys(channel.settings.shape);
  for (const [key, { place }] of section.entries) {
    if (key === "type" || COMMON_KEYS.includes(key) || ownKeys.includes(key)) continue;
    throw new ConfigError(`${place}: unknown key; ${suggestion(key, ["type", ...ownKeys, ...COMMON_KEYS])}`);
  }
  const common = check(section, COMMON);
  const settings = check(section, channel.settings);
  const otherwise = common.else ?? next;
  if (otherwise !== undefined && otherwise !== "none" && !all.some(({ name }) => name === otherwise)) {
    throw new ConfigError(
      `${
        section.entries.get("else")?.place
      }: there is no [notify:${otherwise}]; name another section, or none`,
    );
  }
  return {
    name: section.name,
    channel,
    settings,
    locale: common.language,
    route: { events: common.events, folders: common.folders, tags: common.tags, tasks: common.tasks },
    hours: common.hours,
    maintenance: common.maintenance,
    digest: common.digest,
    timezone: common.timezone ?? timezone,
    otherwise: otherwise === "none" || otherwise === section.name ? undefined : otherwise,
    mask: createMask(secretsIn(section)),
  };
}

function channelOf({ entries, place }: NamedSection): Channel {
  const type = entries.get("type");
  const known = CHANNELS.map((each) => each.type);
  if (!type) throw new ConfigError(`${place}: "type" is missing; it is one of ${known.join(", ")}`);
  const channel = CHANNELS.find((each) => each.type === type.value);
  if (channel) return channel;
  throw new ConfigError(`${type.place}: "${type.value}" is no channel; ${suggestion(type.value, known)}`);
}

/** Checks the keys of a schema. Values are not quoted: they may be secret. */
export function check<S extends z.ZodObject>(section: NamedSection, schema: S): z.output<S> {
  const texts = Object.fromEntries([...section.entries].map(([key, { value }]) => [key, value]));
  const result = schema.safeParse(texts);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = String(issue?.path[0] ?? "");
  const place = section.entries.get(key)?.place ?? `${section.place}, key "${key}"`;
  throw new ConfigError(`${place}: ${issue?.message}`);
}

/** What is secret in a section; of an address all that tells more than the host. */
function secretsIn({ entries }: NamedSection): string[] {
  return [...entries].flatMap(([key, { value, secret }]) => {
    if (!secret && !SECRET_KEYS.has(key)) return [];
    if (!URL.canParse(value)) {
      return [
        value,
        ...value.split("\n").map((line) => line.replace(/^[^:]*:\s*/, "")),
      ];
    }
    const { pathname, search, username, password } = new URL(value);
    const query = new URLSearchParams(search);
    return [value, pathname + search, username, password, ...pathname.split("/"), ...query.values()].filter((
      each,
    ) => each.length >= 8);
  });
}
