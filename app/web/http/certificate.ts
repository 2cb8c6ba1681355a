/** The certificate of `[server] tls_cert` and `tls_key`: read from its files, and again when they have changed. */
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { messageOf, OperatorError } from "../../base/errors.ts";
import { systemReason } from "../../base/system_error.ts";
import type { KeyPair } from "./entrance.ts";

export class CertificateFiles {
  #stamp = "";

  constructor(readonly certFile: string, readonly keyFile: string) {}

  /** @throws OperatorError where one of the files cannot be read */
  read(): KeyPair {
    this.#stamp = this.#stampNow();
    return { cert: textOf(this.certFile), key: textOf(this.keyFile) };
  }

  /** True where a file is another one, or has been written, since it was read last. */
  get isChanged(): boolean {
    return this.#stampNow() !== this.#stamp;
  }

  #stampNow(): string {
    return [this.certFile, this.keyFile].map((file) => {
      const facts = statSync(file, { throwIfNoEntry: false, bigint: true });
      return facts ? `${facts.ino}.${facts.size}.${facts.mtimeNs}` : "none";
    }).join(" ");
  }
}

/** For whom a certificate is and until when: `CN=carillon.example.org, until 2026-06-01`. */
export function certificateText({ cert }: KeyPair): string {
  try {
    const { subject, validTo } = new X509Certificate(cert);
    return `${subject.replaceAll("\n", ", ")}, until ${new Date(validTo).toISOString().slice(0, 10)}`;
  } catch (error) {
    // One that the server takes and this parser does not is used all the same.
    return `it cannot be described: ${messageOf(error)}`;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new OperatorError(`${file} cannot be read: ${systemReason(cause)}`, { cause });
  }
}
