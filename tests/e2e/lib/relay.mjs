// A wire between a client and the broker that can be cut, and mended.
import net from 'node:net';

export class Relay {
  #sockets = new Set();
  #broken = false;
  #loses;

  /** `swallows` tells, by the first bytes of a connection, whether the wire keeps all of it to itself. */
  static async start(targetPort, { swallows = () => false } = {}) {
    const relay = new Relay();
    relay.server = net.createServer((near) => relay.#connect(near, targetPort, swallows));
    await new Promise((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    relay.port = relay.server.address().port;
    relay.origin = `http://127.0.0.1:${relay.port}`;
    return relay;
  }

  /** All connections are gone, as when somebody pulls the plug; new ones work at once unless it stays `broken`. */
  cut({ broken = false } = {}) {
    this.#broken = broken;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend() {
    this.#broken = false;
  }

  /** The next answer of the broker that matches is lost on the way, and its connection with it. Resolves then. */
  lose(pattern) {
    return new Promise((lost) => (this.#loses = { pattern, lost }));
  }

  stop() {
    this.server.close();
    this.cut({ broken: true });
  }

  #connect(near, port, swallows) {
    if (this.#broken) return near.destroy();
    const far = net.connect(port, '127.0.0.1');
    for (const [socket, peer] of [[near, far], [far, near]]) {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => {
        this.#sockets.delete(socket);
        peer.destroy();
      });
    }
    near.once('data', (first) => {
      if (swallows(`${first}`)) return;
      far.write(first);
      near.pipe(far);
      far.on('data', (answer) => this.#answer(near, answer));
    });
  }

  #answer(near, answer) {
    if (!this.#loses?.pattern.test(answer)) return near.write(answer);
    near.resetAndDestroy();
    this.#loses.lost();
    this.#loses = undefined;
  }
}
