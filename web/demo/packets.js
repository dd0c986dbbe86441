// MQTT 5 on the wire: the packets that this page needs, to bytes and back.
// It asks for nothing that would come as a property, so properties are stepped over.
import { concat } from './socketio.js';

export const kType = {
  connack: 2, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, suback: 9, pingresp: 13, disconnect: 14,
};

// ---- to bytes

const u16 = (number) => [number >> 8, number & 0xff];
const u32 = (number) => [...u16(number >>> 16), ...u16(number & 0xffff)];
const varint = (number) => (number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >> 7)]);
const text = (string) => binary(new TextEncoder().encode(string));
const binary = (bytes) => [...u16(bytes.length), ...bytes];
const packet = (first, ...body) => Uint8Array.from([first, ...varint(body.length), ...body]);

/** The session is never started anew: its client id is, whenever that is wanted. */
export function connect({ clientId, userName, password, keepAlive, sessionExpiry, maximumPacketSize }) {
  const flags = (userName ? 0x80 : 0) | (password ? 0x40 : 0);
  const properties = [0x11, ...u32(sessionExpiry), 0x27, ...u32(maximumPacketSize)];
  return packet(0x10, ...text('MQTT'), 5, flags, ...u16(keepAlive), properties.length, ...properties, ...text(clientId),
    ...(userName ? text(userName) : []), ...(password ? text(password) : []));
}

export const subscribe = (id, filter, qos) => packet(0x82, ...u16(id), 0, ...text(filter), qos);

export const publish = ({ id, topic, payload, duplicate }) =>
  packet(duplicate ? 0x3c : 0x34, ...text(topic), ...u16(id), 0, ...new TextEncoder().encode(payload)); // QoS 2

/** PUBACK, PUBREC, PUBREL, PUBCOMP: all went well. */
export const answer = (type, id) => packet((type << 4) | (type === kType.pubrel ? 2 : 0), ...u16(id));

export const pingreq = () => packet(0xc0);

/** The session ends with the connection if `sessionExpiry` is 0. */
export const disconnect = (sessionExpiry) => packet(0xe0, 0, 5, 0x11, ...u32(sessionExpiry));

// ---- from bytes

/** Makes packets of a stream of bytes, wherever it is cut. */
export class Decoder {
  #rest = new Uint8Array();

  /** The packets that are whole with these bytes. */
  push(bytes) {
    const packets = [];
    this.#rest = concat([this.#rest, bytes]);
    for (let size; (size = sizeOfFirst(this.#rest)) <= this.#rest.length; this.#rest = this.#rest.subarray(size)) {
      packets.push(parse(this.#rest.subarray(0, size)));
    }
    return packets;
  }
}

/** Bytes that the first packet takes; infinite as long as that cannot be told. */
function sizeOfFirst(bytes) {
  const last = bytes.subarray(1, 5).findIndex((byte) => byte < 0x80);
  if (last < 0) return Infinity;
  const reader = new Reader(bytes.subarray(1));
  return reader.varint() + reader.at + 1;
}

class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  get ended() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  u16() {
    return (this.byte() << 8) | this.byte();
  }

  varint() {
    const byte = this.byte();
    return byte < 0x80 ? byte : (byte & 0x7f) + this.varint() * 128;
  }

  take(size) {
    return this.bytes.subarray(this.at, (this.at += size));
  }

  text() {
    return new TextDecoder().decode(this.take(this.u16()));
  }

  skipProperties() {
    this.take(this.varint());
  }

  rest() {
    return this.bytes.subarray(this.at);
  }
}

/** {type, ...} of one whole packet; of those that nobody waits for here, only the type. */
function parse(bytes) {
  const reader = new Reader(bytes);
  const first = reader.byte();
  const type = first >> 4;
  reader.varint();
  return { type, ...parsers[type]?.(reader, first & 0x0f) };
}

const parsers = {
  [kType.connack]: (reader) => ({ sessionPresent: (reader.byte() & 1) === 1, reason: reader.byte() }),
  [kType.publish](reader, flags) {
    const topic = reader.text();
    const qos = (flags >> 1) & 3;
    const id = qos > 0 ? reader.u16() : 0;
    reader.skipProperties();
    return { topic, qos, id, payload: reader.rest() };
  },
  [kType.pubrec]: parseAnswer,
  [kType.pubrel]: parseAnswer,
  [kType.pubcomp]: parseAnswer,
  [kType.suback](reader) {
    const id = reader.u16();
    reader.skipProperties();
    return { id, reason: reader.byte() };
  },
  [kType.disconnect]: (reader) => ({ reason: reader.ended ? 0 : reader.byte() }),
};

function parseAnswer(reader) {
  const id = reader.u16();
  return { id, reason: reader.ended ? 0 : reader.byte() };
}
