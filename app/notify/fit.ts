/** Messages cut to what a service takes, measured as it measures: in bytes of what is sent. */
import { clipChars } from "./clip.ts";
import type { Fact, Message } from "./message.ts";

/** A fact is cut no shorter than this before facts are left out, the last ones first. */
const SHORT_FACT = 40;
const SHORT_DETAIL = 40;
const SHORT_TITLE = 20;

/**
 * What is rendered of as much of a message as fits into so many bytes of UTF-8. The detail is shortened first, then the facts,
 * then the title; the link is worth more than any of them.
 */
export function fitted(message: Message, bytes: number, render: (message: Message) => string): string {
  for (let kept = message;;) {
    const text = render(kept);
    if (new TextEncoder().encode(text).length <= bytes) return text;
    const less = shortened(kept);
    if (less === undefined) return text;
    kept = less;
  }
}

/** By halves: what is escaped takes more room than it has characters. Undefined where nothing is left to take. */
function shortened(message: Message): Message | undefined {
  const { detail, facts, title } = message;
  if (detail !== undefined) {
    return { ...message, detail: detail.length > SHORT_DETAIL ? half(detail) : undefined };
  }
  const longest = Math.max(0, ...facts.map(({ name, value }) => Math.max(name.length, value.length)));
  if (longest > SHORT_FACT) return { ...message, facts: facts.map((each) => shorter(each, longest >> 1)) };
  if (facts.length > 0) return { ...message, facts: facts.slice(0, -1) };
  return title.length > SHORT_TITLE ? { ...message, title: half(title) } : undefined;
}

function shorter({ name, value }: Fact, most: number): Fact {
  return { name: clipChars(name, most), value: clipChars(value, most) };
}

function half(text: string): string {
  return clipChars(text, text.length >> 1);
}
