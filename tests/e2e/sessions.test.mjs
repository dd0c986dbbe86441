// What outlives a connection: retained messages, wills, sessions with their queues; over each class of transport.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, cut, disconnect, kClasses, publish, subscribe, unique } from './lib/clients.mjs';

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const kVersions = [
  { protocolVersion: 4, label: 'MQTT 3.1.1' },
  { protocolVersion: 5, label: 'MQTT 5' },
];

function forEachWayIn(title, story) {
  describe(title, () => {
    for (const transport of kClasses) {
      for (const { protocolVersion, label } of kVersions) {
        test(`${transport}, ${label}`, { timeout: 30_000 }, () => story(transport, protocolVersion));
      }
    }
  });
}

// A session that outlives its connection is asked for in two ways.
const persistent = (clientId, protocolVersion) => ({
  clientId,
  protocolVersion,
  clean: false,
  ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
});

const texts = (inbox) => inbox.all.map(({ payload }) => `${payload}`);
const isText = (text) => ({ payload }) => `${payload}` === text;

forEachWayIn('a retained message waits for a later subscriber until it is cleared', async (transport, protocolVersion) => {
  const topic = unique('retained');
  const publisher = await connect(broker, transport, { protocolVersion });
  await publish(publisher, topic, 'kept', { qos: 1, retain: true });
  const reader = await connect(broker, transport, { protocolVersion });
  await subscribe(reader, topic);
  const message = await reader.inbox.first(isText('kept'), 'the retained message');
  assert.equal(message.retain, true);

  await publish(publisher, topic, 'live', { qos: 1, retain: true });
  const live = await reader.inbox.first(isText('live'), 'the next message');
  assert.equal(live.retain, false, 'a message to an existing subscription is not marked retained [MQTT-3.3.1-9]');

  await publish(publisher, topic, '', { qos: 1, retain: true });
  const late = await connect(broker, transport, { protocolVersion });
  await subscribe(late, topic);
  await publish(publisher, topic, 'fence', { qos: 1 });
  await late.inbox.first(isText('fence'), 'the fence');
  assert.deepEqual(texts(late.inbox), ['fence'], 'a cleared retained message is gone');
  for (const client of [publisher, reader, late]) await disconnect(client);
});

forEachWayIn('a will speaks after an abnormal end and not after a DISCONNECT', async (transport, protocolVersion) => {
  const topic = unique('will');
  const watcher = await connect(broker, 'tcp');
  await subscribe(watcher, topic);
  const clientId = unique('mortal');
  const mortal = (last) => connect(broker, transport,
    { clientId, protocolVersion, will: { topic, payload: Buffer.from(last), qos: 1, retain: false } });

  await cut(await mortal('cut off'));
  const will = await watcher.inbox.first(isText('cut off'), 'the will of a client that was cut off');
  assert.equal(will.qos, 1);

  await disconnect(await mortal('never said'));
  // The same client id again: by its CONNACK the broker is done with the connection before it.
  const again = await connect(broker, transport, { clientId, protocolVersion });
  await publish(again, topic, 'fence', { qos: 1 });
  await watcher.inbox.first(isText('fence'), 'the fence');
  assert.deepEqual(texts(watcher.inbox), ['cut off', 'fence']);
  for (const client of [again, watcher]) await disconnect(client);
});

/** Leaves a session behind over `from`, lets it miss messages, and comes back for them over `to`. */
async function comeBack(from, to, protocolVersion) {
  const topic = unique('offline');
  const clientId = unique('persistent');
  const first = await connect(broker, from, persistent(clientId, protocolVersion));
  assert.equal(first.sessionPresent, false);
  await subscribe(first, `${topic}/#`);
  await disconnect(first);

  const publisher = await connect(broker, 'tcp', { protocolVersion });
  const missed = [1, 2, 1, 2, 2, 1].map((qos, i) => ({ qos, text: `${i} at QoS ${qos}` }));
  for (const { qos, text } of missed) await publish(publisher, `${topic}/missed`, text, { qos });

  const back = await connect(broker, to, persistent(clientId, protocolVersion));
  assert.equal(back.sessionPresent, true, `the session of ${from} is there for ${to}`);
  await publish(publisher, `${topic}/live`, 'fence', { qos: 2 });
  await back.inbox.first(isText('fence'), () => `the fence; arrived: ${texts(back.inbox)}`);
  // Order is promised for each QoS by itself [MQTT-4.6.0-6]; MQTT.js shows QoS 2 at PUBREL, QoS 1 at PUBLISH.
  const sent = [...missed, { qos: 2, text: 'fence' }];
  for (const level of [1, 2]) {
    const received = texts({ all: back.inbox.all.filter(({ qos }) => qos === level) });
    assert.deepEqual(received, sent.filter(({ qos }) => qos === level).map(({ text }) => text));
  }
  await disconnect(publisher);
  await disconnect(back);
}

forEachWayIn('a session keeps what its client missed', (transport, protocolVersion) =>
  comeBack(transport, transport, protocolVersion));

forEachWayIn('a session moves to another transport', (transport, protocolVersion) => {
  const next = kClasses[(kClasses.indexOf(transport) + 1) % kClasses.length];
  return comeBack(transport, next, protocolVersion);
});

forEachWayIn('a client that appears twice keeps the newer connection', async (transport, protocolVersion) => {
  const clientId = unique('twice');
  const older = await connect(broker, transport, persistent(clientId, protocolVersion));
  await subscribe(older, clientId);
  const newer = await connect(broker, transport, persistent(clientId, protocolVersion));
  assert.equal(newer.sessionPresent, true);
  await older.closed;
  await publish(newer, clientId, 'to the newer', { qos: 1 });
  await newer.inbox.first(isText('to the newer'), 'the message on the newer connection');
  assert.deepEqual(texts(older.inbox), []);
  await older.endAsync(true);
  await disconnect(newer);
});
