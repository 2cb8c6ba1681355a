/** Fetches new files from an SFTP server, each once. Beside the tasks folder: npm install ssh2-sftp-client */
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { defineTask, every, secret, z } from "carillon";
import SftpClient from "ssh2-sftp-client";

export default defineTask({
  title: "Fetch files",
  trigger: every("15m"),
  params: z.object({ from: z.string().default("/out"), to: z.string().default("inbox") }),
  timeout: "10m",
  async run({ params, signal, log, progress }) {
    const sftp = new SftpClient();
    // A run that is cancelled hangs up.
    signal.addEventListener("abort", () => void sftp.end());
    await mkdir(params.to, { recursive: true });
    await sftp.connect({
      host: "sftp.example.com",
      port: 22,
      username: "carillon",
      password: secret("sftp_password"),
      readyTimeout: 20_000,
    });
    try {
      const files = (await sftp.list(params.from)).filter(({ type, name }) =>
        type === "-" && name.endsWith(".csv")
      );
      for (const [index, { name, size }] of files.entries()) {
        // Under another name until it is there as a whole: whoever reads the inbox sees no half files.
        const draft = join(params.to, `.${name}.part`);
        await sftp.get(`${params.from}/${name}`, draft);
        await rename(draft, join(params.to, name));
        await sftp.delete(`${params.from}/${name}`);
        log.info(`${name}: ${size} bytes`);
        progress((index + 1) / files.length);
      }
      return `${files.length} files`;
    } finally {
      await sftp.end();
    }
  },
});
