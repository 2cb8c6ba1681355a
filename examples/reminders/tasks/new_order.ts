/** Plans a run of another task for a moment: it outlives restarts, and its page shows it. */
import { defineTask, schedule, z } from "carillon";

export default defineTask({
  title: "New order",
  params: z.object({ order: z.int(), days: z.number().default(14) }),
  run({ params: { order, days } }) {
    schedule("remind", Temporal.Now.instant().add({ hours: Math.round(days * 24) }), { order });
    return `order ${order}; a reminder in ${days} days`;
  },
});
