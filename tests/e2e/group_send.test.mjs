// Group send: one publish to `/mqttio/#` over Socket.IO reaches everybody below `/mqttio`, once.
// The first story is the page of 2014, unmodified: socket.io-client 1, MQTT 3.1.1, QoS 0, the literal topic `/mqttio/#`.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, publish, subscribe } from './lib/clients.mjs';
import { until, within } from './lib/wait.mjs';

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const kGroup = '/mqttio/#';

/** Subscribers of one filter each, and what they should see of a group send: its topic, or nothing. */
const kListeners = [
  ['tcp', '/mqttio/left', '/mqttio/left'],
  ['sio1 upgrade', '/mqttio/left', '/mqttio/left'],
  ['ws', '/mqttio/#', '/mqttio'],
  ['sio4 polling', '#', '/mqttio'],
  ['tcp', '/other', undefined],
];

async function listenAll() {
  return Promise.all(kListeners.map(async ([transport, filter, seen]) => {
    const client = await connect(broker, transport);
    await subscribe(client, filter);
    return { client, transport, filter, seen };
  }));
}

/** Everybody has got exactly what is due; a fence on each one's own topic shows that nothing more comes. */
async function assertReceived(listeners, text) {
  const fence = await connect(broker, 'tcp');
  for (const { client, transport, filter, seen } of listeners) {
    await publish(fence, filter.replace(/\/?#$/, '') || 'fence', 'fence', { qos: 2 });
    await client.inbox.first(({ payload }) => `${payload}` === 'fence', `the fence for ${filter}`);
    const got = client.inbox.all.filter(({ payload }) => `${payload}` === text).map(({ topic }) => topic);
    assert.deepEqual(got, seen ? [seen] : [], `${transport} subscribed to ${filter}`);
  }
  for (const client of [fence, ...listeners.map((listener) => listener.client)]) await disconnect(client);
}

describe('group send over Socket.IO', () => {
  for (const transport of ['sio1 polling', 'sio1 websocket', 'sio1 upgrade', 'sio4 upgrade']) {
    for (const [protocolVersion, qos] of [[4, 0], [4, 1], [5, 2]]) {
      test(`${transport}, protocol version ${protocolVersion}, QoS ${qos}`, { timeout: 30_000 }, async () => {
        const listeners = await listenAll();
        const sender = await connect(broker, transport, { protocolVersion });
        await publish(sender, kGroup, 'IO', { qos });
        await Promise.all(listeners.filter(({ seen }) => seen).map(({ client, filter }) =>
          client.inbox.first(({ payload }) => `${payload}` === 'IO', `the group send for ${filter}`)));
        await assertReceived(listeners, 'IO');
        await disconnect(sender);
      });
    }
  }

  test('a sender that listens gets its own group send, once for all its subscriptions', { timeout: 30_000 }, async () => {
    const page = await connect(broker, 'sio1 upgrade');
    for (const filter of ['/mqttio/left', '/mqttio/right', '/mqttio/#']) await subscribe(page, filter);
    await publish(page, kGroup, 'IO');
    await publish(page, '/mqttio/deeper/fence', 'fence', { qos: 2 });
    await page.inbox.first(({ payload }) => `${payload}` === 'fence', 'the fence');
    assert.equal(page.inbox.all.filter(({ payload }) => `${payload}` === 'IO').length, 1);
    await disconnect(page);
  });
});

describe('where group send is off, a wildcard in PUBLISH ends the connection', () => {
  for (const transport of ['tcp', 'ws']) {
    for (const protocolVersion of [4, 5]) {
      test(`${transport}, protocol version ${protocolVersion}`, { timeout: 30_000 }, async () => {
        const watcher = await connect(broker, 'sio4 websocket');
        await subscribe(watcher, '#');
        const sender = await connect(broker, transport, { protocolVersion });
        let reason;
        sender.on('disconnect', ({ reasonCode }) => (reason = reasonCode));
        sender.publish(kGroup, 'IO');
        await within(sender.closed, 'close by the broker');
        if (protocolVersion === 5) assert.equal(reason, 0x90);
        await publish(watcher, 'fence', 'fence');
        await until(() => watcher.inbox.all.length > 0, 'the fence');
        assert.equal(`${watcher.inbox.all[0].payload}`, 'fence', 'nobody got it');
        await sender.endAsync(true);
        await disconnect(watcher);
      });
    }
  }
});
