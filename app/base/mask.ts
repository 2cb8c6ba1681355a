/** Takes secrets out of texts, wherever they show up. */

export type Mask = (text: string) => string;

/** What stands in place of a secret. */
export const MASKED = "•••";

/** Shorter values are not taken out: they would be found in every other word. */
export const SHORTEST_SECRET = 4;

/** A function that takes the values out, also where they are written for a URL, in base64 or inside JSON. */
export function createMask(secrets: Iterable<string>): Mask {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret, secret.trim()]) {
      if (value.length < SHORTEST_SECRET) continue;
      forms.add(value);
      forms.add(encodeURIComponent(value));
      forms.add(JSON.stringify(value).slice(1, -1));
      const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(value)));
      // The last characters depend on what follows the value; all before them are its own.
      forms.add(base64.replace(/.{0,2}=*$/, ""));
    }
  }
  // The longest first, so that a secret that begins like another one is taken out whole.
  const patterns = [...forms].filter((form) => form.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
  if (patterns.length === 0) return (text) => text;
  const pattern = new RegExp(patterns.join("|"), "g");
  return (text) => text.replace(pattern, MASKED);
}
