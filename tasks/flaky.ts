/** Fails now and then, to see what a failure looks like. */
import { defineTask, every } from "carillon";

export default defineTask({
  title: { en: "Flaky", zh: "时好时坏" },
  description: { en: "Fails in one of four runs.", zh: "四次运行中约有一次失败。" },
  trigger: every("1m"),
  run({ log }) {
    const luck = Math.random();
    log.info(`the dice say ${luck.toFixed(2)}`);
    if (luck < 0.25) throw new Error("the remote side did not answer (this example fails on purpose)");
    return "all went well";
  },
});
