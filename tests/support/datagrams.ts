/** A socket that systemd could listen on. */

export interface Datagrams extends Disposable {
  /** The next thing that is said. */
  heard(): Promise<string>;
}

export function listenForDatagrams(path: string): Datagrams {
  const listener = Deno.listenDatagram({ transport: "unixpacket", path });
  return {
    heard: async () => new TextDecoder().decode((await listener.receive())[0]),
    [Symbol.dispose]: () => listener.close(),
  };
}
