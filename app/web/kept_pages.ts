/** Whole pages as bytes, compressed once: the same question answered the same way costs neither rendering nor compressing. */
import { gzipSync } from "node:zlib";
import type { Context } from "hono";

/** Pages that are kept; the one that was asked for longest ago goes first. */
const MAX_PAGES = 32;

interface Kept {
  readonly revision: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly plain: Uint8Array<ArrayBuffer>;
  packed?: Uint8Array<ArrayBuffer> | undefined;
}

export class KeptPages {
  readonly #pages = new Map<string, Kept>();

  /**
   * @param key who asks for what; pages that differ in anything differ in this
   * @param revision another one whenever something has changed that the page shows
   */
  async answer(
    context: Context,
    key: string,
    revision: string,
    make: () => Promise<Response>,
  ): Promise<Response> {
    const found = this.#pages.get(key);
    const kept = found?.revision === revision ? found : await this.#keep(key, revision, await make());
    if (kept instanceof Response) return kept;
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    if (!/\bgzip\b/.test(context.req.header("accept-encoding") ?? "")) {
      return context.body(kept.plain, 200, kept.headers);
    }
    kept.packed ??= gzipSync(kept.plain, { level: 6 }) as Uint8Array<ArrayBuffer>;
    return context.body(kept.packed, 200, { ...kept.headers, "content-encoding": "gzip" });
  }

  async #keep(key: string, revision: string, made: Response): Promise<Kept | Response> {
    if (made.status !== 200) return made;
    const headers: Record<string, string> = {};
    for (const name of ["content-type", "vary", "cache-control", "etag"]) {
      const value = made.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    headers.vary = `Accept-Encoding, ${headers.vary ?? ""}`;
    const kept: Kept = { revision, headers, plain: new Uint8Array(await made.arrayBuffer()) };
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(key, kept);
    return kept;
  }
}
