/** Mails a report as an Excel file. Beside the tasks folder: npm install exceljs nodemailer */
import { Buffer } from "node:buffer";
import { cron, defineTask, query, secret, z } from "carillon";
import ExcelJS from "exceljs";
import { createTransport } from "nodemailer";

export default defineTask({
  title: "Mail sales",
  trigger: cron({ dayOfWeek: "mon-fri", hour: 7, minute: 30 }),
  params: z.object({ to: z.email().default("sales@example.com") }),
  timeout: "2m",
  async run({ params, signal, log, run }) {
    const rows = await query("shop", "SELECT customer, total, changed FROM orders ORDER BY id", {}, {
      signal,
    });
    const book = new ExcelJS.Workbook();
    const sheet = book.addWorksheet("Orders");
    sheet.columns = Object.keys(rows[0] ?? {}).map((key) => ({ header: key, key, width: 20 }));
    sheet.addRows(rows);
    sheet.getRow(1).font = { bold: true };
    const content = Buffer.from(await book.xlsx.writeBuffer());
    log.info(`${rows.length} orders, ${content.length} bytes`);

    const transport = createTransport({
      host: "smtp.example.com",
      port: 587,
      requireTLS: true,
      auth: { user: "reports@example.com", pass: secret("smtp_password") },
    });
    const day = run.scheduledAt.toString().slice(0, 10);
    const { messageId } = await transport.sendMail({
      from: "reports@example.com",
      to: params.to,
      subject: `Orders of ${day}`,
      text: `${rows.length} orders, see the file.`,
      attachments: [{ filename: `orders-${day}.xlsx`, content }],
    });
    return `sent to ${params.to} as ${messageId}`;
  },
});
