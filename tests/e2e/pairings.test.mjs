// Every way in against every way out: what one client publishes, another receives, byte for byte, once, in order.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, kClasses, kGenerations, publish, subscribe, unique } from './lib/clients.mjs';
import { MosquittoSubscriber, mosquittoPublish } from './lib/mosquitto.mjs';
import { kSizes, labels, messages } from './lib/payloads.mjs';
import { until } from './lib/wait.mjs';

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const name = (protocolVersion) => (protocolVersion === 5 ? '5' : '3.1.1');

/** A publisher and a subscriber of any kind: {publish(message), close()} and {inbox, close()}. */
const publishers = {
  async library(transport, protocolVersion) {
    const client = await connect(broker, transport, { protocolVersion });
    return {
      client,
      publish: ({ topic, payload, qos }) => publish(client, topic, payload, { qos }),
      close: () => disconnect(client),
    };
  },
  mosquitto: async (_, protocolVersion) => ({
    publish: ({ topic, payload, qos }) => mosquittoPublish(broker, topic, payload, { qos, protocolVersion }),
    close() {},
  }),
};
const subscribers = {
  async library(transport, protocolVersion, filter) {
    const client = await connect(broker, transport, { protocolVersion });
    await subscribe(client, filter);
    return { client, inbox: client.inbox, close: () => disconnect(client) };
  },
  async mosquitto(_, protocolVersion, filter) {
    const program = await MosquittoSubscriber.start(broker, filter, { protocolVersion });
    return { inbox: program.inbox, close: () => program.stop() };
  },
};
const kindOf = (who) => (who === 'mosquitto' ? 'mosquitto' : 'library');

/** Publishes all, then a last one, and compares the whole with what came: nothing missing, changed or twice. */
async function exchange(from, to) {
  const topic = unique('pair');
  const subscriber = await subscribers[kindOf(to.who)](to.who, to.protocolVersion, `${topic}/#`);
  const publisher = await publishers[kindOf(from.who)](from.who, from.protocolVersion);
  const sent = messages(topic, kSizes);
  sent.push({ topic: `${topic}/last`, payload: Buffer.from('last'), qos: 2 });
  for (const message of sent) await publisher.publish(message);
  await subscriber.inbox.first((message) => message.topic === `${topic}/last`,
    () => `the last message; arrived: ${labels(subscriber.inbox.all).join(', ') || 'nothing'}`, 30_000);
  await until(() => subscriber.inbox.all.length >= sent.length,
    () => `${sent.length} messages; arrived: ${labels(subscriber.inbox.all).join(', ')}`);
  // One connection keeps the order; mosquitto_pub is a connection for each message.
  const inOrder = (list) => (from.who === 'mosquitto' ? labels(list).sort() : labels(list));
  assert.deepEqual(inOrder(subscriber.inbox.all), inOrder(sent));
  await assertTransport(from.who, publisher.client);
  await assertTransport(to.who, subscriber.client);
  await publisher.close();
  await subscriber.close();
}

// A client that should have upgraded has, and one that should not has not.
async function assertTransport(who, client) {
  const [, mode] = who.split(' ');
  if (!mode) return;
  const expected = mode === 'polling' ? 'polling' : 'websocket';
  await until(() => client.stream.transport === expected, () => `${who} is on ${expected}, not ${client.stream.transport}`);
}

function pairing(from, to) {
  const title = `${from.who} (MQTT ${name(from.protocolVersion)}) -> ${to.who} (MQTT ${name(to.protocolVersion)})`;
  test(title, { timeout: 60_000 }, () => exchange(from, to));
}

describe('every class of transport to every other', () => {
  for (const from of kClasses) {
    for (const to of kClasses) {
      pairing({ who: from, protocolVersion: 4 }, { who: to, protocolVersion: 5 });
      pairing({ who: from, protocolVersion: 5 }, { who: to, protocolVersion: 4 });
    }
  }
});

describe('every generation of socket.io-client, there and back over TCP', () => {
  for (const who of kGenerations) {
    pairing({ who, protocolVersion: 4 }, { who: 'tcp', protocolVersion: 4 });
    pairing({ who: 'tcp', protocolVersion: 5 }, { who, protocolVersion: 5 });
  }
});

describe("mosquitto's own clients", () => {
  for (const protocolVersion of [4, 5]) {
    const mosquitto = { who: 'mosquitto', protocolVersion };
    pairing(mosquitto, mosquitto);
    for (const who of kClasses) {
      pairing(mosquitto, { who, protocolVersion });
      pairing({ who, protocolVersion }, mosquitto);
    }
  }
});

describe('a session that upgrades while messages fly', () => {
  const kBurst = 500;
  for (const who of kGenerations.filter((transport) => transport.endsWith('upgrade'))) {
    test(`${who} loses and reorders nothing in either direction`, { timeout: 60_000 }, async () => {
      const topic = unique('burst');
      const client = await connect(broker, who);
      const peer = await connect(broker, 'tcp');
      await Promise.all([subscribe(client, `${topic}/down`), subscribe(peer, `${topic}/up`)]);
      for (let i = 0; i < kBurst; i++) {
        client.publish(`${topic}/up`, `${i}`, { qos: i % 3 });
        peer.publish(`${topic}/down`, `${i}`, { qos: i % 3 });
        if (i % 20 === 0) await new Promise(setImmediate);
      }
      for (const receiver of [client, peer]) {
        const all = receiver.inbox.all;
        await until(() => all.length >= kBurst, () => `${kBurst} messages; missing: ${missing(all, kBurst)}`);
        for (const qos of [0, 1, 2]) assertInOrder(all, qos, kBurst);
      }
      await assertTransport(who, client);
      await disconnect(client);
      await disconnect(peer);
    });
  }
});

// Order is promised for each QoS by itself [MQTT-4.6.0-6].
function assertInOrder(all, qos, count) {
  const got = all.filter((message) => message.qos === qos).map(({ payload }) => Number(payload));
  assert.deepEqual(got, Array.from({ length: count }, (_, i) => i).filter((i) => i % 3 === qos), `at QoS ${qos}`);
}

function missing(all, count) {
  const got = new Set(all.map(({ payload }) => Number(payload)));
  return Array.from({ length: count }, (_, i) => i).filter((i) => !got.has(i)).map((i) => `${i} (QoS ${i % 3})`).join(', ');
}
