// A byte stream through a namespace of Socket.IO: bytes go in and come out as the one argument of the event `message`.
// Where an event begins or ends means nothing.

// What may have to travel as one packet: far below the payload of any server, base64 included.
const kChunk = 32 * 1024;

export class SocketioStream {
  onopen = () => {};
  onbytes = () => {};

  #engine;
  #namespace;
  #written = [];
  #awaitsBytes = false;

  /** Takes the messages of `engine`; its end stays the owner's business. */
  constructor(engine, namespace) {
    this.#engine = engine;
    this.#namespace = namespace;
    engine.onopen = () => engine.send(`0${namespace},`);
    engine.onmessage = (message) => (typeof message === 'string' ? this.#control(message) : this.#bytes(message));
  }

  /** All that is written in one turn leaves in one event. */
  write(bytes) {
    if (this.#written.length === 0) queueMicrotask(() => this.#engine.send(...this.#takeEvents()));
    this.#written.push(bytes);
  }

  /** Leaves the namespace and ends the session, behind all that was written. */
  close() {
    this.#engine.close(...this.#takeEvents(), `1${this.#namespace},`);
  }

  /** What was written, as headers and attachments by turns. */
  #takeEvents() {
    const events = [];
    const bytes = concat(this.#written.splice(0));
    for (let at = 0; at < bytes.length; at += kChunk) {
      const header = `51-${this.#namespace},["message",{"_placeholder":true,"num":0}]`;
      events.push(header, bytes.subarray(at, at + kChunk));
    }
    return events;
  }

  #control(text) {
    const [, type, attachments, namespace, data] = /^(\d)(?:(\d+)-)?(\/[^,]*)?,?(.*)$/s.exec(text) ?? [];
    if (namespace !== this.#namespace || this.#awaitsBytes) return this.#fail(`unexpected: ${text.slice(0, 100)}`);
    switch (type) {
      case '0': return this.onopen();
      case '1': return this.#fail('the server closed the namespace');
      case '4': return this.#fail(`the server refused the namespace: ${data}`);
      case '5':
        if (attachments === '1') return void (this.#awaitsBytes = true);
      // falls through: an MQTT stream has neither texts nor several parts
      default: return this.#fail(`not an MQTT stream: ${text.slice(0, 100)}`);
    }
  }

  #bytes(bytes) {
    if (!this.#awaitsBytes) return this.#fail('bytes without an event');
    this.#awaitsBytes = false;
    this.onbytes(bytes);
  }

  #fail(reason) {
    this.#engine.drop(reason);
  }
}

export function concat(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
