/** Fake servers of the channels, which answer as the vendors do: several of them HTTP 200 for a failure. */
import { createHmac } from "node:crypto";

export interface Provider extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the messages that were taken, in order. */
  readonly taken: readonly Record<string, unknown>[];
  /** Resolves with the message once so many were taken. */
  arrived(count: number): Promise<Record<string, unknown>>;
  /** Every request so far. */
  readonly requests: readonly { readonly path: string; readonly headers: Headers; readonly body: string }[];
}

type Handler = (
  request: Request,
  url: URL,
  body: string,
) => { readonly answer: Response; readonly taken?: unknown };

function provider(handle: Handler): Provider {
  const taken: Record<string, unknown>[] = [];
  const requests: { path: string; headers: Headers; body: string }[] = [];
  let more = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    const body = await request.text();
    requests.push({ path: url.pathname + url.search, headers: request.headers, body });
    const { answer, taken: message } = handle(request, url, body);
    if (message !== undefined) {
      taken.push(message as Record<string, unknown>);
      more.resolve();
      more = Promise.withResolvers();
    }
    return answer;
  });
  const { port } = server.addr as Deno.NetAddr;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    async arrived(count) {
      while (taken.length < count) await more.promise;
      return taken[count - 1] ?? {};
    },
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const json = (value: unknown, init?: ResponseInit) => Response.json(value, init);

/** A robot with 加签; `limit` messages a minute, then 130101. Every failure is HTTP 200. */
export function dingtalkServer(
  { token, secret, keyword = "", limit = 20, now }: {
    token: string;
    secret: string;
    keyword?: string;
    limit?: number;
    now: () => number;
  },
): Provider {
  let left = limit;
  const fail = (errcode: number, errmsg: string) => ({ answer: json({ errcode, errmsg }) });
  return provider((_request, url, body) => {
    if (url.searchParams.get("access_token") !== token) return fail(300005, "token is not exist");
    const timestamp = url.searchParams.get("timestamp") ?? "";
    const sign = createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
    if (Math.abs(Number(timestamp) - now()) > 3_600_000) return fail(310000, "invalid timestamp");
    if (url.searchParams.get("sign") !== sign) return fail(310000, "sign not match");
    const message = JSON.parse(body);
    if (message.msgtype !== "markdown" || typeof message.markdown?.title !== "string") {
      return fail(40035, "invalid parameter");
    }
    if (!body.includes(keyword)) return fail(310000, "keywords not in content");
    if (new TextEncoder().encode(body).length > 20_000) return fail(460101, "message too long");
    if (left-- <= 0) return fail(130101, "send too fast");
    return { answer: json({ errcode: 0, errmsg: "ok" }), taken: message };
  });
}

/** Every failure is HTTP 200. */
export function wecomServer({ key, limit = 20 }: { key: string; limit?: number }): Provider {
  let left = limit;
  const fail = (errcode: number, errmsg: string) => ({ answer: json({ errcode, errmsg }) });
  return provider((_request, url, body) => {
    if (url.searchParams.get("key") !== key) return fail(93000, "invalid webhook url");
    const message = JSON.parse(body);
    const content = message.markdown?.content;
    if (message.msgtype !== "markdown" || typeof content !== "string") return fail(40058, "markdown missing");
    if (new TextEncoder().encode(content).length > 4_096) {
      return fail(40058, "markdown.content exceed max length 4096");
    }
    if (left-- <= 0) return fail(45009, "api freq out of limit");
    return { answer: json({ errcode: 0, errmsg: "ok" }), taken: message };
  });
}

const CARD_COLOURS = "red orange yellow green turquoise blue indigo purple carmine grey".split(" ");

/** Failures are HTTP 200, or 400 for a malformed body. */
export function feishuServer(
  { secret, keyword = "", now, busy = () => false }: {
    secret: string;
    keyword?: string;
    now: () => number;
    busy?: () => boolean;
  },
): Provider {
  const fail = (code: number, msg: string, status = 200) => ({
    answer: json({ code, msg, data: {} }, { status }),
  });
  return provider((_request, _url, body) => {
    if (new TextEncoder().encode(body).length > 20_480) return fail(9499, "Bad Request", 400);
    const message = JSON.parse(body);
    const sign = createHmac("sha256", `${message.timestamp}\n${secret}`).update("").digest("base64");
    if (Math.abs(Number(message.timestamp) * 1_000 - now()) > 3_600_000 || message.sign !== sign) {
      return fail(19021, "sign match fail or timestamp is not within one hour from current time");
    }
    if (message.msg_type !== "interactive" || !CARD_COLOURS.includes(message.card?.header?.template)) {
      return fail(9499, "Bad Request");
    }
    if (!body.includes(keyword)) return fail(19024, "Key Words Not Found");
    if (busy()) return fail(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]");
    return {
      answer: json({ code: 0, msg: "success", data: {}, StatusCode: 0, StatusMessage: "success" }),
      taken: message,
    };
  });
}

/** A server that answers the same to everything that is JSON. */
export function plainServer(answer: (request: Request, body: string) => Response): Provider {
  return provider((request, _url, body) => {
    const given = answer(request, body);
    return given.ok ? { answer: given, taken: body === "" ? {} : JSON.parse(body) } : { answer: given };
  });
}
