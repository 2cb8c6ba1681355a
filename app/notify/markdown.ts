/** A message as the small part of markdown that DingTalk and WeCom both show. */
import type { Message } from "./message.ts";

/** Keeps texts that tasks have written from being read as markup: no image is fetched, no link hides, nobody is called. */
export function inertMarkdown(text: string): string {
  // A zero-width space parts what only means something together.
  return text.replace(/\r\n?/g, "\n").replace(/[<[\]!@`*_~]/g, "$&\u200b").replace(
    /^(\s*)(>|#|[-+]|\d+\.)/gm,
    "$1\u200b$2",
  );
}

/** Facts, the error as a quotation, and the link. @param quote what a line of the error begins with */
export function markdownOf({ facts, detail, link, linkText }: Message, quote: string): string {
  const lines = facts.map(({ name, value }) => `**${inertMarkdown(name)}**: ${inertMarkdown(value)}`);
  return [
    lines.join("\n\n"),
    detail === undefined ? "" : inertMarkdown(detail).split("\n").map((line) => quote + line).join("\n\n"),
    link === undefined
      ? ""
      : `[${linkText}](${link.replace(/[()\s]/g, (each) => `%${each.charCodeAt(0).toString(16)}`)})`,
  ].filter((part) => part !== "").join("\n\n");
}
