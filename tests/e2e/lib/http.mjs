// HTTP by hand over one socket, for peers that no library would be: they pipeline, dawdle, read nothing, or leave in the
// middle. Nothing is read from the socket before an answer is asked for, so what the kernel does not hold stays with the
// broker.
import net from 'node:net';
import { once } from 'node:events';
import { kDeadline, pause, within } from './wait.mjs';

/** One request as text; a body brings its length along. */
export function requestText(method, path, { headers = {}, body, close = false } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (close) lines.push('Connection: close');
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** A handshake of RFC 6455. */
export const websocketRequest = (path, headers = {}) =>
  requestText('GET', path, {
    headers: {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    },
  });

export const kText = 1;
export const kBinary = 2;
const kMask = Buffer.from([1, 2, 3, 4]);

/** One frame from a client. */
export function frame(opcode, content) {
  const payload = Buffer.from(content); // a copy, which is masked
  for (let i = 0; i < payload.length; i++) payload[i] ^= kMask[i & 3];
  const head =
    payload.length < 126 ? [payload.length | 0x80] : payload.length < 65536 ? [254, 0, 0] : [255, 0, 0, 0, 0, 0, 0, 0, 0];
  const header = Buffer.from([0x80 | opcode, ...head]);
  if (header.length === 4) header.writeUInt16BE(payload.length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, kMask, payload]);
}

export class RawHttp {
  #bytes = Buffer.alloc(0);

  static async open(broker) {
    const peer = new RawHttp();
    peer.socket = net.connect(broker.webPort, '127.0.0.1');
    peer.socket.setNoDelay();
    peer.socket.on('error', () => {}); // A reset is an end like any other.
    peer.closed = new Promise((resolve) => peer.socket.once('close', resolve));
    await within(once(peer.socket, 'connect'), 'TCP connection');
    return peer;
  }

  /** Opens a WebSocket of which nothing is read. */
  static async openWebSocket(broker, path, headers) {
    const peer = await RawHttp.open(broker);
    await peer.send(websocketRequest(path, headers));
    const { status } = await peer.answer();
    if (status !== 101) throw new Error(`WebSocket ${path}: ${status}`);
    return peer;
  }

  /** Resolves when the kernel has taken all of it: on this computer, it has arrived then. */
  send(bytes) {
    return within(new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    }), 'bytes leaving');
  }

  ask(method, path, options) {
    return this.send(requestText(method, path, options));
  }

  /** The next answer: {status, headers, body}. With `milliseconds`, the body is read as slowly as that. */
  async answer({ milliseconds = 0, deadline = kDeadline } = {}) {
    return within(this.#answer(milliseconds), 'an answer', deadline + milliseconds);
  }

  /** Bytes of a WebSocket, `size` of them. */
  async take(size) {
    while (this.#bytes.length < size) await this.#more();
    const taken = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    return taken;
  }

  /** Waits until the broker ends the connection, and gives what came until then. */
  async rest() {
    const all = async () => {
      try {
        for (;;) await this.#more();
      } catch {
        return `${this.#bytes}`;
      }
    };
    return within(all(), 'the end of the connection by the broker');
  }

  /** Leaves politely, or as a cut cable does. */
  async leave() {
    this.socket.destroy();
    await this.closed;
  }

  async reset() {
    this.socket.resetAndDestroy();
    await this.closed;
  }

  /** The answers that are whole and what there is of another, when a while has brought nothing more: {answers, part}. */
  async backlog() {
    const more = () => this.#more().then(() => true, () => false);
    while (await Promise.race([more(), pause(300).then(() => false)]));
    const answers = [];
    for (let head; (head = this.#head()) && head.end + head.length <= this.#bytes.length; ) {
      answers.push(await this.#answer(0));
    }
    return { answers, part: this.#bytes };
  }

  /** What is known of the next answer before its body is there. */
  #head() {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first, ...lines] = `${this.#bytes.subarray(0, end)}`.split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    return { end: end + 4, status: Number(first.split(' ')[1]), headers, length: Number(headers['content-length'] ?? 0) };
  }

  async #answer(milliseconds) {
    let head;
    while (!(head = this.#head())) await this.#more();
    const { end, status, headers, length } = head;
    await this.take(end);
    const kSlices = milliseconds ? 20 : 1;
    const parts = [];
    for (let i = 0, taken = 0; i < kSlices; i++) {
      if (milliseconds) await pause(milliseconds / kSlices);
      const upTo = Math.floor((length * (i + 1)) / kSlices);
      parts.push(await this.take(upTo - taken));
      taken = upTo;
    }
    return { status, headers, body: `${Buffer.concat(parts)}` };
  }

  async #more() {
    for (let ended = false; ; ) {
      const chunk = this.socket.read();
      if (chunk) return void (this.#bytes = Buffer.concat([this.#bytes, chunk]));
      if (ended || this.socket.destroyed || this.socket.readableEnded) {
        throw new Error(`the broker ended it, after ${`${this.#bytes}`.slice(0, 200)}`);
      }
      ended = await new Promise((resolve) => {
        const wake = (done) => () => {
          for (const event of ['readable', 'end', 'close']) this.socket.off(event, on[event]);
          resolve(done);
        };
        const on = { readable: wake(false), end: wake(true), close: wake(true) };
        for (const event of ['readable', 'end', 'close']) this.socket.on(event, on[event]);
      });
    }
  }
}

/** Sends `bytes` over about `milliseconds`, a few at a time, as a slow line does; it never stops moving. */
export async function trickle(socket, bytes, milliseconds) {
  const kPieces = 20;
  for (let i = 0; i < kPieces && !socket.destroyed; i++) {
    await pause(milliseconds / kPieces);
    socket.write(bytes.subarray((bytes.length * i) / kPieces, (bytes.length * (i + 1)) / kPieces));
  }
}

/** Writes `chunk` again and again until `total` bytes left, or the peer takes no more for a second, or it has closed. */
export async function pour(socket, chunk, total, seen = () => {}) {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let sent = 0;
  for (; sent < total && !socket.destroyed; sent += chunk.length) {
    if (socket.write(chunk)) continue;
    const moved = Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    if (!(await within(moved.then(() => true), 'more room', 1000).catch(() => false))) break;
    seen();
  }
  return sent;
}
