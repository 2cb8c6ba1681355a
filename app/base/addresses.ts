/** IP addresses, and lists of them by their beginnings (CIDR, RFC 4632 and 4291). */
import { BlockList, isIP, isIPv4 } from "node:net";

/** Addresses such as `10.0.0.0/8`, `192.0.2.7` or `fd00::/8`. */
export class AddressList {
  readonly #list = new BlockList();

  /**
   * Reads a list with commas between; an empty text is an empty list.
   *
   * @throws RangeError with the word that is none
   */
  constructor(readonly text: string) {
    for (const word of text.split(",").map((each) => each.trim())) if (word !== "") add(this.#list, word);
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && this.#list.check(plain, version === 4 ? "ipv4" : "ipv6");
  }
}

/** An IPv4 address that is written as one of IPv6 is the same: `::ffff:192.0.2.7`. The name of an interface is left out. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  const [, four] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare) ?? [];
  return four ?? bare;
}

function add(list: BlockList, word: string): void {
  const [address = "", bits, ...more] = word.split("/");
  const version = isIP(address);
  const most = isIPv4(address) ? 32 : 128;
  const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (version === 0 || !isLength || more.length > 0) {
    throw new RangeError(`"${word}" is no IP address and no range of them such as 10.0.0.0/8`);
  }
  const family = version === 4 ? "ipv4" : "ipv6";
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}
