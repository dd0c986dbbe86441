// MQTT by hand over a raw TCP socket, for tests that must stop between any two packets.
// Only what those tests need: no properties are read, none are sent but the session expiry.
import net from 'node:net';
import { once } from 'node:events';
import { Inbox, within } from './wait.mjs';

const kTypes = ['', 'CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE', 'SUBACK',
  'UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'AUTH'];

const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const u16 = (value) => Buffer.from([value >> 8, value & 0xff]);
const string = (text) => Buffer.concat([u16(Buffer.byteLength(text)), Buffer.from(text)]);

function varint(value) {
  const bytes = [];
  do {
    const rest = value >> 7;
    bytes.push((value & 0x7f) | (rest ? 0x80 : 0));
    value = rest;
  } while (value);
  return Buffer.from(bytes);
}

function packet(first, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first]), varint(body.length), body]);
}

/** Packets as bytes, for one protocol version: 4 (3.1.1) or 5. */
export function encoder(version) {
  const properties = version === 5 ? hex('00') : Buffer.alloc(0);
  const ack = (first) => (id) => packet(first, u16(id));
  return {
    /** A session that is kept has an expiry of 600 s at version 5; `will` is {topic, payload}. */
    connect: (clientId, { clean = false, keepAlive = 60, will } = {}) =>
      packet(0x10, string('MQTT'), Buffer.from([version, (clean ? 2 : 0) | (will ? 4 : 0)]), u16(keepAlive),
        version === 5 ? hex(clean ? '00' : '05 11 00000258') : Buffer.alloc(0), string(clientId),
        ...(will ? [properties, string(will.topic), string(will.payload)] : [])),
    publish: ({ topic, payload, qos, id, dup = false }) =>
      packet(0x30 | (dup ? 8 : 0) | (qos << 1), string(topic), qos ? u16(id) : Buffer.alloc(0), properties,
        Buffer.from(payload)),
    subscribe: (id, filter, qos) => packet(0x82, u16(id), properties, string(filter), Buffer.from([qos])),
    puback: ack(0x40),
    pubrec: ack(0x50),
    pubrel: ack(0x62),
    pubcomp: ack(0x70),
    pingreq: () => hex('c000'),
    disconnect: () => hex('e000'),
  };
}

/** One whole packet off the front of `bytes`: {packet, rest}, or nothing yet. */
export function take(bytes, version) {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    if (bytes.length < i + 2) return undefined;
    length |= (bytes[i + 1] & 0x7f) << (7 * i);
    if (bytes[i + 1] & 0x80) continue;
    const end = i + 2 + length;
    if (bytes.length < end) return undefined;
    return { packet: decode(bytes[0], bytes.subarray(i + 2, end), version), rest: bytes.subarray(end) };
  }
  throw new Error('length of a packet over four bytes');
}

function decode(first, body, version) {
  const type = kTypes[first >> 4];
  if (type === 'CONNACK') return { type, sessionPresent: (body[0] & 1) === 1, code: body[1] };
  if (type === 'PUBLISH') return decodePublish(first, body, version);
  const id = body.length >= 2 ? body.readUInt16BE(0) : undefined;
  return { type, id, code: body[2] ?? 0 };
}

function decodePublish(first, body, version) {
  const qos = (first >> 1) & 3;
  let at = 2 + body.readUInt16BE(0);
  const topic = body.toString('utf8', 2, at);
  const id = qos ? body.readUInt16BE(at) : undefined;
  if (qos) at += 2;
  if (version === 5) at += 1 + body[at]; // Properties: here always under 128 bytes.
  return { type: 'PUBLISH', topic, qos, id, dup: (first & 8) !== 0, retain: (first & 1) !== 0, payload: body.subarray(at) };
}

/** A client that does only what it is told. `next()` gives the packets in their order, one at a time. */
export class RawClient {
  inbox = new Inbox();
  #read = 0;

  static async open(broker, version) {
    const client = new RawClient();
    client.version = version;
    client.encode = encoder(version);
    client.socket = net.connect(broker.mqttPort, '127.0.0.1');
    client.socket.setNoDelay();
    client.socket.on('error', () => {}); // A reset is an end like any other.
    client.closed = new Promise((resolve) => client.socket.once('close', resolve));
    client.#decodeAll();
    await within(once(client.socket, 'connect'), 'TCP connection');
    return client;
  }

  /** Connects and shakes hands; `sessionPresent` tells what CONNACK said. */
  static async connect(broker, version, clientId, options) {
    const client = await RawClient.open(broker, version);
    client.send('connect', clientId, options);
    const { code, sessionPresent } = await client.next('CONNACK');
    if (code !== 0) throw new Error(`CONNACK ${code}`);
    client.sessionPresent = sessionPresent;
    return client;
  }

  send(type, ...args) {
    this.socket.write(this.encode[type](...args));
  }

  /** The next packet in order, which must be of this type. */
  async next(type) {
    const at = this.#read++;
    await this.inbox.first(() => this.inbox.all.length > at, type);
    const packet = this.inbox.all[at];
    if (packet.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(packet)}`);
    return packet;
  }

  /** Ends the connection behind what was sent; the broker has seen all of it when this returns. */
  async hangUp() {
    this.socket.end();
    await within(this.closed, 'close by the broker');
  }

  /** Ends the connection as a cut cable does, without a word more. */
  async reset() {
    this.socket.resetAndDestroy();
    await this.closed;
  }

  #decodeAll() {
    let bytes = Buffer.alloc(0);
    this.socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (let taken; (taken = take(bytes, this.version)); bytes = taken.rest) this.inbox.push(taken.packet);
    });
  }
}
