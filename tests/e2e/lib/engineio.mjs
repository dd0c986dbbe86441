// Engine.IO and HTTP by hand, for tests that look at the wire itself.
import http from 'node:http';
import { once } from 'node:events';
import WebSocket from 'ws';
import { Inbox, kDeadline, within } from './wait.mjs';

/** One request on a connection of its own: {status, headers, body}. Nothing is thrown for a bad status. */
export function request(broker, path, { method = 'GET', headers = {}, body } = {}) {
  const answer = new Promise((resolve, reject) => {
    const outgoing = http.request(
      { host: '127.0.0.1', port: broker.webPort, path, method, headers, agent: false },
      async (incoming) => {
        const chunks = [];
        incoming.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
        await once(incoming, 'end');
        resolve({ status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      });
    outgoing.on('error', reject).end(body);
  });
  return within(answer, `answer to ${method} ${path}`, 2 * kDeadline);
}

const kRecord = '\x1e';

/** The header and the attachment of one `message` event that carries these bytes. */
export const event = (bytes) => [
  '451-/mqtt,["message",{"_placeholder":true,"num":0}]',
  `b${Buffer.from(bytes).toString('base64')}`,
];

/** A polling session, revision 4, that does only what it is told. */
export class PollingSession {
  static async open(broker, { path = '/socket.io/', headers = {} } = {}) {
    const session = new PollingSession();
    Object.assign(session, { broker, path, headers });
    session.handshake = await request(broker, `${path}?EIO=4&transport=polling`, { headers });
    if (session.handshake.status !== 200) throw new Error(`handshake: ${JSON.stringify(session.handshake)}`);
    session.open = JSON.parse(session.handshake.body.slice(1));
    session.url = `${path}?EIO=4&transport=polling&sid=${session.open.sid}`;
    return session;
  }

  /** Joins a namespace; the answer as text. */
  async join(namespace) {
    await this.post(`40${namespace},`);
    return (await this.poll())[0];
  }

  /** One GET: the packets in it, or the refusal as an error. */
  async poll() {
    const answer = await request(this.broker, this.url, { headers: this.headers });
    if (answer.status !== 200) throw Object.assign(new Error(`poll: ${answer.status} ${answer.body}`), { answer });
    return answer.body.split(kRecord);
  }

  post(...packets) {
    const headers = { 'content-type': 'text/plain;charset=UTF-8', ...this.headers };
    return request(this.broker, this.url, { method: 'POST', body: packets.join(kRecord), headers });
  }

  /** Bytes towards MQTT. */
  send(bytes) {
    return this.post(...event(bytes));
  }

  /** Bytes from MQTT: polls until some come. */
  async receive() {
    for (;;) {
      const packets = await this.poll();
      const bytes = packets.filter((packet) => packet[0] === 'b').map((packet) => Buffer.from(packet.slice(1), 'base64'));
      if (bytes.length) return Buffer.concat(bytes);
      if (packets.includes('1')) throw new Error('the server closed the session');
    }
  }

  /** Polls until the server says that it is over; a close packet and a forgotten sid both say so. */
  async over() {
    for (;;) {
      const answer = await request(this.broker, this.url, { headers: this.headers });
      if (answer.status !== 200) return JSON.parse(answer.body).code === 1;
      if (answer.body.split(kRecord).includes('1')) return true;
    }
  }

  /** The WebSocket of an upgrade, opened but not yet probed. */
  socket() {
    return openSocket(this.broker, `${this.path}?EIO=4&transport=websocket&sid=${this.open.sid}`);
  }
}

/** A WebSocket with an `inbox` of {text} and {bytes}, and `closed`, a promise of the close code. */
export async function openSocket(broker, path, { protocols = [], headers = {} } = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${broker.webPort}${path}`, protocols, { headers });
  socket.inbox = new Inbox();
  socket.on('message', (data, binary) => socket.inbox.push(binary ? { bytes: data } : { text: `${data}` }));
  socket.closed = new Promise((resolve) => socket.once('close', resolve));
  await within(new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  }), `WebSocket ${path}`);
  return socket;
}
