// Socket.IO carries MQTT through proxies that let WebSocket through, and through those that do not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, publish, subscribe, unique } from './lib/clients.mjs';
import { labels, messages, kSizes } from './lib/payloads.mjs';
import { Proxy, proxies } from './lib/proxy.mjs';
import { until } from './lib/wait.mjs';

// A proxy on the same machine makes the world look local; the zero-config run therefore refuses some of them.
let broker;
before(async () => (broker = await Broker.start('--dev')));
after(() => broker?.stop());

for (const [name, { websocket }] of Object.entries(proxies)) {
  describe(name, () => {
    let proxy;
    before(async () => (proxy = await Proxy.start(name, broker.webPort)));
    after(() => proxy?.stop());

    for (const generation of [1, 2, 3, 4]) {
      const transport = websocket ? 'websocket' : 'polling';
      test(`socket.io-client ${generation} ends up on ${transport}`, { timeout: 60_000 }, async () => {
        const topic = unique('proxy');
        const client = await connect({ origin: proxy.origin }, `sio${generation} upgrade`);
        await subscribe(client, `${topic}/#`);
        const sent = messages(topic, kSizes);
        for (const message of sent) await publish(client, message.topic, message.payload, { qos: message.qos });
        await until(() => client.inbox.all.length >= sent.length, () => `all messages; got ${labels(client.inbox.all)}`);
        assert.deepEqual(labels(client.inbox.all), labels(sent));
        await until(() => client.stream.transport === transport, () => `${transport}, not ${client.stream.transport}`);
        await disconnect(client);
      });
    }
  });
}
