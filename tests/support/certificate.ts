/** A certificate of an authority that nobody knows but whoever is given it. */
import { makeFolder } from "./folder.ts";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Certificate of the authority. */
  readonly ca: string;
}

/** Arguments of `openssl req` for a key that is made in no time, where one for RSA is looked for at random. */
export const NEW_KEY: readonly string[] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** @param host the name it is for */
export async function makeCertificate(host: string): Promise<Certificate> {
  await using folder = makeFolder({ "leaf.ext": `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\n` });
  const at = (name: string) => `${folder.path}/${name}`;
  const openssl = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args, stdout: "null", stderr: "piped" })
      .output();
    if (!success) throw new Error(`openssl ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
  };
  const fresh = [...NEW_KEY, "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...fresh,
    "-days",
    "2",
    "-subj",
    "/CN=test",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  await openssl("req", ...fresh, "-subj", `/CN=${host}`, "-keyout", at("leaf.key"), "-out", at("leaf.csr"));
  await openssl(
    ...["x509", "-req", "-days", "2", "-in", at("leaf.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
    ...["-CAcreateserial", "-extfile", at("leaf.ext"), "-out", at("leaf.pem")],
  );
  const [cert, key, ca] = ["leaf.pem", "leaf.key", "ca.pem"].map((name) => Deno.readTextFileSync(at(name)));
  return { cert: cert ?? "", key: key ?? "", ca: ca ?? "" };
}
