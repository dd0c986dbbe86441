// A reader that stops reading costs a bounded amount of memory and nobody else's time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, subscribe, unique } from './lib/clients.mjs';
import { PollingSession, openSocket } from './lib/engineio.mjs';
import { RawClient, encoder } from './lib/raw.mjs';
import { kDeadline } from './lib/wait.mjs';

const MB = 1_000_000;
const kMessage = 64 * 1024;
const kCount = Math.ceil((200 * MB) / kMessage);
// The publisher is never further ahead of the healthy reader than this, so that reader has no reason to lose any.
const kAhead = 32;
const kGrowthMax = 150 * MB;
const kStallMax = 2000;

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const mqtt = encoder(4);
const connectPacket = () => mqtt.connect(unique('stalled'), { clean: true });
const subscribePacket = (topic) => mqtt.subscribe(1, topic, 0);

/** Each gives a subscriber that has its SUBACK and will never read again, and how to be rid of it. */
const stalled = {
  async tcp(topic) {
    const client = await RawClient.connect(broker, 4, unique('stalled'), { clean: true });
    client.send('subscribe', 1, topic, 0);
    await client.next('SUBACK');
    client.socket.pause();
    return () => client.reset();
  },
  async ws(topic) {
    const socket = await openSocket(broker, '/mqtt', { protocols: ['mqtt'] });
    socket.send(connectPacket());
    await socket.inbox.first(() => socket.inbox.all.length >= 1, 'CONNACK');
    socket.send(subscribePacket(topic));
    await socket.inbox.first(() => socket.inbox.all.length >= 2, 'SUBACK');
    socket.pause();
    return () => socket.terminate();
  },
  async polling(topic) {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    await session.send(connectPacket());
    await session.receive();
    await session.send(subscribePacket(topic));
    await session.receive();
    return () => {};
  },
};

/** Sends everything, as fast as the healthy reader takes it; tells its longest wait and the highest memory. */
async function flood(publisher, reader, topic) {
  const seen = { gap: 0, peak: 0, received: 0, inOrder: true };
  let last = performance.now();
  reader.on('message', (_, payload) => {
    seen.inOrder &&= payload.readUInt32BE(0) === seen.received;
    seen.received++;
    const now = performance.now();
    seen.gap = Math.max(seen.gap, now - last);
    last = now;
  });
  for (let i = 0; i < kCount; i++) {
    const payload = Buffer.alloc(kMessage);
    payload.writeUInt32BE(i, 0);
    publisher.publish(topic, payload, { qos: 0 });
    await progress(reader, () => seen.received > i - kAhead);
    if (i % 20 === 0) seen.peak = Math.max(seen.peak, broker.residentBytes());
  }
  await progress(reader, () => seen.received === kCount);
  return seen;
}

// Waits from message to message; a reader that gets nothing for the whole deadline has been stalled by the others.
async function progress(reader, enough) {
  while (!enough()) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the healthy reader got nothing for ${kDeadline} ms`)), kDeadline);
      reader.once('message', () => resolve(clearTimeout(timer)));
    });
  }
}

describe(`${kCount} messages of 64 KiB past a subscriber that does not read`, () => {
  for (const [kind, stall] of Object.entries(stalled)) {
    test(`over ${kind}: memory stays bounded, the healthy reader gets all`, { timeout: 90_000 }, async (t) => {
      const topic = unique('flood');
      const reader = await connect(broker, 'tcp');
      await subscribe(reader, topic, 0);
      const publisher = await connect(broker, 'tcp');
      const letGo = await stall(topic);
      const start = broker.residentBytes();
      const { gap, peak, received, inOrder } = await flood(publisher, reader, topic);
      const growth = peak - start;
      t.diagnostic(`memory grew by ${(growth / MB).toFixed(1)} MB, longest wait ${gap.toFixed(0)} ms`);
      assert.deepEqual({ received, inOrder }, { received: kCount, inOrder: true });
      assert.ok(growth < kGrowthMax, `resident memory grew by ${(growth / MB).toFixed(1)} MB`);
      assert.ok(gap < kStallMax, `the healthy reader waited ${gap.toFixed(0)} ms`);
      await letGo();
      await disconnect(publisher);
      await disconnect(reader);
    });
  }
});
