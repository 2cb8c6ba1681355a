/** PyScheduler's database.ini beside the one that is there: what is missing is added, what is there is kept. */
import { messageOf } from "../base/errors.ts";
import { type IniSection, parseIni } from "../base/ini.ts";
import { NotUtf8Error, readUtf8 } from "../base/utf8.ts";
import { UsageError } from "./errors.ts";
import { writeAgain } from "./new_files.ts";
import { print, say } from "./output.ts";

/**
 * Adds the sections to the file that it has not got, and says which of the others are there with other values.
 *
 * @param taken text of the sections that are taken over; @param source its file, for messages
 * @returns how many need a person
 * @throws IniError, UsageError where one of the two cannot be read
 */
export function addSections(target: string, taken: string, source: string): number {
  const present = textOf(target);
  const known = parseIni(present, target, { lenient: true });
  const sections = [...parseIni(taken, source, { lenient: true }).values()].toSorted((a, b) =>
    a.line - b.line
  );
  const missing = sections.filter(({ name }) => !known.has(name));
  const isShared = /^\[DEFAULT\]/m.test(taken);
  let left = 0;
  for (const section of sections) {
    const own = known.get(section.name);
    const others = own ? differences(section, own) : [];
    if (others.length === 0) continue;
    left++;
    say(
      `${target}, section [${section.name}] is kept as it is; in ${source} it has another value of ${
        others.join(", ")
      }`,
    );
  }
  if (missing.length === 0) {
    print(`${target} is there already; it is left as it is`);
    return left;
  }
  const names = missing.map(({ name }) => `[${name}]`).join(", ");
  if (isShared) {
    say(`${target} is left as it is: ${source} has a [DEFAULT] section, so copy ${names} from it by hand`);
    return left + missing.length;
  }
  const lines = taken.split("\n");
  const text = sections.flatMap((section, i) => {
    const end = sections[i + 1]?.line ?? lines.length + 1;
    return missing.includes(section) ? [lines.slice(section.line - 1, end - 1).join("\n").trimEnd()] : [];
  });
  writeAgain(target, `${present.trimEnd()}\n\n${text.join("\n\n")}\n`);
  print(`added ${names} to ${target}; what was in it is left as it is`);
  return left;
}

function textOf(file: string): string {
  try {
    return readUtf8(file);
  } catch (cause) {
    if (cause instanceof NotUtf8Error) throw new UsageError(`${file}, ${messageOf(cause)}`, { cause });
    throw cause;
  }
}

/** Names of the keys that another section has with other values, or not at all. */
function differences(section: IniSection, other: IniSection): string[] {
  return [...section.entries].filter(([key, { value }]) => other.entries.get(key)?.value !== value).map((
    [key],
  ) => key);
}
