/** Reads all customers from an HTTP API, page by page, into a table. */
import { ApiClient, cron, defineTask, insertMany, secret, z } from "carillon";

/** What the API answers with; anything else is an error here and not a wrong row later. */
const PAGE = z.object({
  customers: z.array(z.object({ id: z.number(), name: z.string(), city: z.string().nullable() })),
});

export default defineTask({
  title: "Fetch customers",
  trigger: cron({ hour: 5, minute: 15 }),
  timeout: "15m",
  async run({ signal, log, progress }) {
    // It asks for a token, keeps it, and tries again where the API is busy.
    const api = new ApiClient({
      baseUrl: "https://crm.example.com/v1",
      appId: "carillon",
      appSecret: secret("crm_secret"),
      tokenPath: "/token",
    });
    let count = 0;
    for await (
      const page of api.pages("/customers", { items: (answer) => PAGE.parse(answer).customers, signal })
    ) {
      count += await insertMany("crm", "customers", page, { upsert: "id", signal });
      log.info(`${count} customers so far`);
    }
    progress(1);
    return `${count} customers`;
  },
});
