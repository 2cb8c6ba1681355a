/** The beginning of an answer: who answers decides how much there is, not how much is kept. */

/** At most so many bytes of a body, as text; the rest is not read. */
export async function firstBytes({ body }: Response, most: number): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let left = most;
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text + decoder.decode();
}
