// An MQTT 5 client over Socket.IO for one subscription, which comes back by itself and loses nothing meanwhile:
// the session outlives the connection, and QoS 2 brings each message across exactly once, in both directions.
import { Engine } from './engine.js';
import { Decoder, answer, connect, disconnect, kType, pingreq, publish, subscribe } from './packets.js';
import { SocketioStream } from './socketio.js';

const kKeepAlive = 60; // seconds
const kSessionExpiry = 120; // seconds for which the broker keeps what comes while we are away
const kMaximumPacketSize = 64 * 1024; // nobody reads more than that in a list; the broker sends us nothing larger
const kQueueMax = 100; // messages that wait for a connection
const kConnectTimeout = 20_000;
// Nothing below us acknowledges: what is lost between two polls is lost for good, and only a new connection repeats it.
const kAnswerTimeout = 15_000;
const kDelayFirst = 1000;
const kDelayMax = 30_000;

const kReasons = {
  0x80: 'unspecified error', 0x82: 'protocol error', 0x86: 'wrong user name or password', 0x87: 'not authorized',
  0x88: 'server unavailable', 0x89: 'server busy', 0x8b: 'the server shuts down', 0x8d: 'keep alive timeout',
  0x8e: 'the session was taken over', 0x90: 'topic name invalid', 0x97: 'quota exceeded',
};
const describe = (reason) => kReasons[reason] ?? `reason 0x${reason.toString(16)}`;

export class MqttClient {
  /** A message came: {topic, payload}, the payload as bytes. */
  onmessage = () => {};
  /** Something in `status` or `waiting` has changed. */
  onchange = () => {};
  /** The broker does not take a message: the message, and why. */
  onrefused = () => {};

  /**
   * What is going on: state 'connecting', 'connected', 'lost', 'refused' or 'stopped'; the transport while connected,
   * with the fate of its upgrade ('trying', 'failed'); else the reason, and the time of the next attempt.
   */
  status = { state: 'stopped' };

  #url;
  #filter;
  #pollingOnly = false;
  #credentials = {};
  // Each page is a client of its own, also if it is the copy of another tab with all that is stored there.
  #clientId = `demo-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  #engine;
  #stream;
  #transport = {};
  #attempts = 0;
  #retryTimer;
  #connectTimer;
  #answerTimer;
  #pingTimer;
  #awaitsPong = false;
  #lastId = 0;
  // Messages on their way out. Only the first is in flight: that keeps their order, and any Receive Maximum.
  #outgoing = [];
  // Ids of messages that came and that the broker may send once more.
  #received = new Set();

  constructor(url, filter) {
    this.#url = url;
    this.#filter = filter;
  }

  /** Messages that the broker has not confirmed. */
  get waiting() {
    return this.#outgoing.length;
  }

  /** No more messages are taken. */
  get full() {
    return this.#outgoing.length >= kQueueMax;
  }

  /** Connects, now. */
  start() {
    this.#abandon();
    this.#transport = {};
    this.#tell({ state: 'connecting' });
    const engine = (this.#engine = new Engine(this.#url, { upgrade: !this.#pollingOnly }));
    const stream = (this.#stream = new SocketioStream(engine, '/mqtt'));
    const decoder = new Decoder();
    engine.ontransport = (name, upgrade) => this.#carriedBy(name, upgrade);
    engine.onclose = (reason) => this.#lost(reason);
    stream.onopen = () => stream.write(connect({
      clientId: this.#clientId,
      ...this.#credentials,
      keepAlive: kKeepAlive,
      sessionExpiry: kSessionExpiry,
      maximumPacketSize: kMaximumPacketSize,
    }));
    stream.onbytes = (bytes) => {
      // One packet may end this connection; those behind it mean nothing then.
      for (const packet of decoder.push(bytes)) if (stream === this.#stream) this.#handle(packet);
    };
    this.#connectTimer = setTimeout(() => engine.drop('no answer'), kConnectTimeout);
  }

  /** Leaves for good: the broker forgets the session. What still waits here leaves with the next start. */
  stop() {
    this.#abandon(0);
    this.#tell({ state: 'stopped' });
  }

  /** Loses the connection as a train loses it in a tunnel. */
  drop() {
    this.#engine?.drop('dropped by you');
  }

  /** Whether polling is all that may be used. There is no way back from a WebSocket, so this connects anew. */
  usePollingOnly(pollingOnly) {
    this.#pollingOnly = pollingOnly;
    this.start();
  }

  signIn(userName, password) {
    this.#credentials = { userName, password };
    this.start();
  }

  /** Sends it, or keeps it until there is a connection. False: too much waits already. */
  publish(topic, payload) {
    if (this.full) return false;
    this.#outgoing.push({ id: this.#nextId(), topic, payload, duplicate: false, released: false });
    if (this.#outgoing.length === 1) this.#sendFirst();
    this.onchange();
    return true;
  }

  // ---- the connection

  /** Lets go of the connection, if there is one, without waiting for its end. */
  #abandon(sessionExpiry = kSessionExpiry) {
    for (const timer of [this.#retryTimer, this.#connectTimer, this.#answerTimer, this.#pingTimer]) clearTimeout(timer);
    const engine = this.#engine;
    if (!engine) return;
    engine.onclose = engine.ontransport = () => {};
    if (this.status.state === 'connected') this.#stream.write(disconnect(sessionExpiry));
    this.#stream.close();
    this.#engine = this.#stream = undefined;
  }

  #lost(reason) {
    this.#engine = this.#stream = undefined;
    this.#abandon();
    const longest = Math.min(kDelayMax, kDelayFirst * 2 ** this.#attempts++);
    const delay = longest * (0.5 + Math.random() / 2); // not everybody at the same moment
    this.#retryTimer = setTimeout(() => this.start(), delay);
    this.#tell({ state: 'lost', reason, retryAt: Date.now() + delay });
  }

  /** Trying again would not help. */
  #refused(reason) {
    this.#abandon();
    this.#tell({ state: 'refused', reason: describe(reason) });
  }

  #carriedBy(transport, upgrade) {
    this.#transport = { transport, upgrade };
    if (this.status.state === 'connected') this.#tell({ state: 'connected', ...this.#transport });
  }

  #connected() {
    clearTimeout(this.#connectTimer);
    this.#attempts = 0;
    this.#awaitsPong = false;
    this.#pingTimer = setInterval(() => this.#ping(), kKeepAlive * 750);
    this.#tell({ state: 'connected', ...this.#transport });
    this.#sendFirst();
  }

  #ping() {
    if (this.#awaitsPong) return this.#engine.drop('the broker does not answer');
    this.#awaitsPong = true;
    this.#stream.write(pingreq());
  }

  #tell(status) {
    this.status = status;
    this.onchange();
  }

  // ---- packets

  #handle(packet) {
    switch (packet.type) {
      case kType.connack: return this.#onConnack(packet);
      case kType.suback: return packet.reason < 0x80 ? this.#connected() : this.#refused(packet.reason);
      case kType.publish: return this.#onPublish(packet);
      case kType.pubrec: return this.#onPubrec(packet);
      case kType.pubrel: return this.#onPubrel(packet);
      case kType.pubcomp: return this.#onPubcomp(packet);
      case kType.pingresp: return void (this.#awaitsPong = false);
      case kType.disconnect: return this.#engine.drop(describe(packet.reason));
    }
  }

  #onConnack({ reason, sessionPresent }) {
    if (reason === 0x86 || reason === 0x87) return this.#refused(reason);
    if (reason !== 0) return this.#engine.drop(describe(reason));
    if (sessionPresent) return this.#connected();
    this.#startSession();
    this.#stream.write(subscribe(this.#nextId(), this.#filter, 2));
  }

  /** The broker knows nothing of what was under way. */
  #startSession() {
    this.#received.clear();
    const first = this.#outgoing[0];
    if (first?.released) this.#outgoing.shift(); // it had taken that one
    else if (first) first.duplicate = false;
  }

  #onPublish({ topic, payload, qos, id }) {
    if (qos === 1) this.#stream.write(answer(kType.puback, id));
    if (qos === 2) this.#stream.write(answer(kType.pubrec, id));
    if (qos === 2 && this.#received.has(id)) return;
    if (qos === 2) this.#received.add(id);
    this.onmessage({ topic, payload });
  }

  #onPubrel({ id }) {
    this.#received.delete(id);
    this.#stream.write(answer(kType.pubcomp, id));
  }

  #onPubrec({ id, reason }) {
    const first = this.#outgoing[0];
    if (first?.id !== id) return;
    if (reason >= 0x80) {
      this.onrefused(first, describe(reason));
      return this.#finishFirst();
    }
    first.released = true;
    this.#sendFirst();
  }

  #onPubcomp({ id }) {
    if (this.#outgoing[0]?.id === id) this.#finishFirst();
  }

  #finishFirst() {
    this.#outgoing.shift();
    this.#sendFirst();
    this.onchange();
  }

  /** Carries the first message on from where it stands: after a new connection, too. */
  #sendFirst() {
    const first = this.#outgoing[0];
    clearTimeout(this.#answerTimer);
    if (!first || this.status.state !== 'connected') return;
    this.#answerTimer = setTimeout(() => this.#engine.drop('the broker does not answer'), kAnswerTimeout);
    if (first.released) return this.#stream.write(answer(kType.pubrel, first.id));
    this.#stream.write(publish(first));
    first.duplicate = true; // if it has to leave once more
  }

  #nextId() {
    return (this.#lastId = (this.#lastId % 0xffff) + 1);
  }
}
