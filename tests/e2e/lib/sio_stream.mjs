// One Socket.IO connection as one byte stream, for any generation of socket.io-client.
// Event boundaries mean nothing; one stream is one Engine.IO session; it never reconnects by itself.
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';

const require = createRequire(import.meta.url);

/** socket.io-client by major version. */
const generations = { 1: require('sio1'), 2: require('sio2'), 3: require('sio3'), 4: require('sio4') };

/** How each mode is asked for. */
const modes = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

// A POST or a frame of this size stays far below the server's limit, base64 included.
const kChunk = { polling: 32 * 1024, websocket: 64 * 1024 };
// What may wait inside socket.io-client before we stop taking more.
const kQueueMax = 256 * 1024;
const kCloseWait = 2000;

export class SioStream extends Duplex {
  #queued = 0;
  #pending = null; // {bytes, done}: the write that is under way

  constructor(origin, generation, mode, options = {}) {
    super({ allowHalfOpen: false });
    this.socket = generations[generation](`${origin}/mqtt`, {
      forceNew: true,
      reconnection: false,
      ...modes[mode],
      ...options,
    });
    this.socket.on('connect', () => this.#opened());
    this.socket.on('message', (bytes) => this.#arrived(bytes));
    this.socket.on('disconnect', (reason) => this.#lost(reason));
    for (const event of ['connect_error', 'error']) {
      this.socket.on(event, (error) => this.destroy(asError(error)));
    }
  }

  /** 'polling' or 'websocket': what carries the bytes at this moment. */
  get transport() {
    return this.socket.io.engine?.transport?.name;
  }

  _read() {} // Receiving cannot be paused: socket.io-client has no way to say so.

  _write(chunk, _encoding, done) {
    this.#send(chunk, done);
  }

  // MQTT.js writes a packet as many small pieces; all that wait leave together.
  _writev(chunks, done) {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  // The last packets, MQTT's DISCONNECT above all, leave before the connection does.
  _final(done) {
    const close = () => {
      clearTimeout(timer);
      this.socket.disconnect();
      done();
    };
    const timer = setTimeout(close, kCloseWait);
    if (this.#queued === 0) close();
    else this.socket.io.engine.once('drain', close);
  }

  _destroy(error, done) {
    this.socket.disconnect();
    this.#pending = null;
    done(error);
  }

  #opened() {
    this.socket.io.engine.on('drain', () => {
      this.#queued = 0;
      this.#pump();
    });
    this.emit('connect');
    this.#pump();
  }

  #arrived(bytes) {
    if (typeof bytes === 'string') return this.destroy(new Error('text instead of bytes from the server'));
    this.push(Buffer.from(bytes));
  }

  #lost(reason) {
    this.reason = reason;
    this.push(null);
    this.destroy();
  }

  #send(bytes, done) {
    this.#pending = { bytes, done };
    this.#pump();
  }

  #pump() {
    const pending = this.#pending;
    if (!pending || !this.socket.connected) return;
    while (pending.bytes.length > 0 && this.#queued < kQueueMax) {
      const size = kChunk[this.transport];
      // A copy: socket.io-client keeps what it is given, and the writer may use its buffer again.
      const chunk = Buffer.from(pending.bytes.subarray(0, size));
      this.#queued += chunk.length;
      pending.bytes = pending.bytes.subarray(size);
      this.socket.emit('message', chunk);
    }
    if (pending.bytes.length > 0 || this.#queued >= kQueueMax) return;
    this.#pending = null;
    pending.done();
  }
}

const asError = (error) => (error instanceof Error ? error : new Error(`Socket.IO: ${JSON.stringify(error)}`));
