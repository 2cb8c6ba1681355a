/** Asks web sites whether they are there: one task a site, from one file. */
import { defineTask, every } from "carillon";

const SITES = { home: "https://example.com/", shop: "https://shop.example.com/healthz" };

export default Object.entries(SITES).map(([name, address]) =>
  defineTask({
    id: `check_${name}`,
    trigger: every("5m"),
    tags: ["ops", "sites"],
    timeout: "30s",
    retry: { attempts: 2 },
    async run({ signal }) {
      const begun = performance.now();
      const answer = await fetch(address, { signal });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
      return `${answer.status} after ${Math.round(performance.now() - begun)} ms`;
    },
  })
);
