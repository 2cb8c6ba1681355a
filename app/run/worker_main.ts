/** What a worker thread runs. */
import { parentPort, workerData } from "node:worker_threads";
import { serveHost } from "./host_side.ts";
import type { HostSettings } from "./messages.ts";

const port = parentPort;
if (!port) throw new Error("worker_main.ts is started as a worker, not by itself");
port.on("message", serveHost(workerData as HostSettings, (news) => port.postMessage(news)));
