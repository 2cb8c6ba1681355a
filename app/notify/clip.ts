/** Texts cut to what a service takes. */

/** The text in at most so many bytes of UTF-8, with "…" where something was cut off; no character is cut in two. */
export function clipBytes(text: string, bytes: number): string {
  const encoder = new TextEncoder();
  // No character has fewer bytes than UTF-16 units, but some have more.
  if (text.length * 3 <= bytes || encoder.encode(text).length <= bytes) return text;
  const room = new Uint8Array(Math.max(0, bytes - 3));
  const { read } = encoder.encodeInto(text, room);
  return `${text.slice(0, read)}…`;
}

/** The text in at most so many UTF-16 units, with "…" where something was cut off; no surrogate pair is cut in two. */
export function clipChars(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
