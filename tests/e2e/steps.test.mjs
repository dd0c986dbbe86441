// The connection ends between every two steps of QoS 1 and QoS 2, in both directions, and comes back:
// nothing is lost at QoS 1, nothing is doubled at QoS 2, and DUP and packet ids tell the truth.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, publish, subscribe, unique } from './lib/clients.mjs';
import { RawClient, encoder } from './lib/raw.mjs';

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const kVersions = [[4, 'MQTT 3.1.1'], [5, 'MQTT 5']];
// 0x92, Packet Identifier not found, is what version 5 may say about a PUBREL that was done before.
const isDone = (code) => code === 0 || code === 0x92;

function forEachVersion(title, story) {
  for (const [version, label] of kVersions) {
    test(`${title} (${label})`, { timeout: 30_000 }, async () => {
      const stage = { version, topic: unique('steps'), clientId: unique('raw') };
      stage.connect = () => RawClient.connect(broker, version, stage.clientId);
      await story(stage);
    });
  }
}

// ---- client to broker ----------------------------------------------------------------------------------------

/** Runs the story of a publishing client and compares what a watcher of its topic got by the end. */
function publisherStory(title, expected, story) {
  forEachVersion(title, async (stage) => {
    const watcher = await connect(broker, 'tcp', { protocolVersion: stage.version });
    await subscribe(watcher, stage.topic);
    const client = await story({ ...stage, message: (qos, more) => ({ topic: stage.topic, payload: 'once', qos, id: 7, ...more }) });
    await client.hangUp();
    await publish(watcher, stage.topic, 'fence', { qos: 2 });
    await watcher.inbox.first(({ payload }) => `${payload}` === 'fence', 'the fence');
    const got = watcher.inbox.all.filter(({ payload }) => `${payload}` === 'once');
    assert.ok(expected.includes(got.length), `delivered ${got.length} times, expected ${expected.join(' or ')}`);
    assert.ok(watcher.inbox.all.every(({ dup }) => !dup), "the publisher's DUP is not passed on [MQTT-3.3.1-3]");
    await disconnect(watcher);
  });
}

async function back(stage) {
  const client = await stage.connect();
  assert.equal(client.sessionPresent, true, 'the broker kept the session');
  return client;
}

describe('publishing at QoS 1', () => {
  publisherStory('cut in the middle of PUBLISH: only the second attempt counts', [1], async (stage) => {
    const client = await stage.connect();
    const bytes = encoder(stage.version).publish(stage.message(1));
    client.socket.write(bytes.subarray(0, bytes.length - 2));
    await client.hangUp();
    const again = await back(stage);
    again.send('publish', stage.message(1, { dup: true }));
    assert.equal((await again.next('PUBACK')).id, 7);
    return again;
  });

  publisherStory('cut by a reset after PUBLISH: sent again, it is there at least once', [1, 2], async (stage) => {
    const client = await stage.connect();
    client.send('publish', stage.message(1));
    await client.reset();
    const again = await back(stage);
    again.send('publish', stage.message(1, { dup: true }));
    assert.equal((await again.next('PUBACK')).id, 7);
    return again;
  });

  publisherStory('gone behind PUBLISH: what was accepted is delivered without a second attempt', [1], async (stage) => {
    const client = await stage.connect();
    client.send('publish', stage.message(1));
    await client.hangUp();
    return back(stage);
  });

  publisherStory('cut after PUBACK: delivered once', [1], async (stage) => {
    const client = await stage.connect();
    client.send('publish', stage.message(1));
    assert.equal((await client.next('PUBACK')).id, 7);
    await client.reset();
    return back(stage);
  });
});

describe('publishing at QoS 2', () => {
  /** From wherever the client stands to the end of the exchange. */
  const complete = async (client, { dup, from }, stage) => {
    if (from === 'PUBLISH') {
      client.send('publish', stage.message(2, { dup }));
      assert.equal((await client.next('PUBREC')).id, 7);
    }
    client.send('pubrel', 7);
    const { id, code } = await client.next('PUBCOMP');
    assert.equal(id, 7);
    return code;
  };

  for (const way of ['reset', 'hangUp']) {
    publisherStory(`cut (${way}) after PUBLISH: sent again, delivered once`, [1], async (stage) => {
      const client = await stage.connect();
      client.send('publish', stage.message(2));
      await client[way]();
      const again = await back(stage);
      assert.equal(await complete(again, { dup: true, from: 'PUBLISH' }, stage), 0);
      return again;
    });
  }

  publisherStory('cut after PUBREC: goes on with PUBREL', [1], async (stage) => {
    const client = await stage.connect();
    client.send('publish', stage.message(2));
    await client.next('PUBREC');
    await client.reset();
    const again = await back(stage);
    assert.equal(await complete(again, { from: 'PUBREL' }, stage), 0);
    return again;
  });

  publisherStory('cut with PUBREC on its way: the same PUBLISH again is no second message', [1], async (stage) => {
    const client = await stage.connect();
    client.send('publish', stage.message(2));
    await client.next('PUBREC');
    await client.reset();
    const again = await back(stage);
    assert.equal(await complete(again, { dup: true, from: 'PUBLISH' }, stage), 0);
    return again;
  });

  for (const way of ['reset', 'hangUp']) {
    publisherStory(`cut (${way}) after PUBREL: PUBREL again is answered and delivers nothing more`, [1], async (stage) => {
      const client = await stage.connect();
      client.send('publish', stage.message(2));
      await client.next('PUBREC');
      client.send('pubrel', 7);
      await client[way]();
      const again = await back(stage);
      assert.ok(isDone(await complete(again, { from: 'PUBREL' }, stage)));
      return again;
    });
  }

  publisherStory('after PUBCOMP the packet id is free: the same PUBLISH is a new message', [2], async (stage) => {
    const client = await stage.connect();
    await complete(client, { from: 'PUBLISH' }, stage);
    await client.reset();
    const again = await back(stage);
    assert.equal(await complete(again, { from: 'PUBLISH' }, stage), 0);
    return again;
  });
});

// ---- broker to client ----------------------------------------------------------------------------------------

/** Runs the story of a subscribing client that has just received its first PUBLISH; the end must be quiet. */
function subscriberStory(title, qos, story) {
  forEachVersion(title, async (stage) => {
    const publisher = await connect(broker, 'tcp', { protocolVersion: stage.version });
    const client = await stage.connect();
    client.send('subscribe', 1, stage.topic, qos);
    await client.next('SUBACK');
    await publish(publisher, stage.topic, 'once', { qos });
    const first = await client.next('PUBLISH');
    assertMessage(first, { qos, dup: false });

    const last = await story({ ...stage, client, id: first.id });
    await publish(publisher, stage.topic, 'fence', { qos });
    const fence = await last.next('PUBLISH');
    assert.equal(`${fence.payload}`, 'fence', 'nothing came again before the fence');
    assert.equal(fence.dup, false);
    await last.hangUp();
    await disconnect(publisher);
  });
}

function assertMessage(packet, { qos, dup, id = packet.id }) {
  const { payload, ...rest } = packet;
  assert.equal(`${payload}`, 'once');
  assert.deepEqual({ qos: rest.qos, dup: rest.dup, id: rest.id }, { qos, dup, id });
}

describe('receiving at QoS 1', () => {
  for (const way of ['reset', 'hangUp']) {
    subscriberStory(`cut (${way}) before PUBACK: the same PUBLISH comes again, marked`, 1, async (stage) => {
      await stage.client[way]();
      const again = await back(stage);
      assertMessage(await again.next('PUBLISH'), { qos: 1, dup: true, id: stage.id });
      again.send('puback', stage.id);
      return again;
    });
  }

  subscriberStory('gone behind PUBACK: nothing comes again', 1, async (stage) => {
    stage.client.send('puback', stage.id);
    await stage.client.hangUp();
    return back(stage);
  });

  subscriberStory('cut twice before PUBACK: it comes until it is acknowledged', 1, async (stage) => {
    await stage.client.reset();
    for (let attempt = 0; attempt < 2; attempt++) {
      const again = await back(stage);
      assertMessage(await again.next('PUBLISH'), { qos: 1, dup: true, id: stage.id });
      if (attempt === 0) await again.reset();
      else again.send('puback', stage.id), await again.hangUp();
    }
    return back(stage);
  });
});

describe('receiving at QoS 2', () => {
  /** PUBREL is there for this id; answers it. */
  const finish = async (client, id) => {
    assert.equal((await client.next('PUBREL')).id, id);
    client.send('pubcomp', id);
    return client;
  };

  for (const way of ['reset', 'hangUp']) {
    subscriberStory(`cut (${way}) before PUBREC: the same PUBLISH comes again, marked`, 2, async (stage) => {
      await stage.client[way]();
      const again = await back(stage);
      assertMessage(await again.next('PUBLISH'), { qos: 2, dup: true, id: stage.id });
      again.send('pubrec', stage.id);
      return finish(again, stage.id);
    });
  }

  subscriberStory('gone behind PUBREC: PUBREL comes, never again the PUBLISH', 2, async (stage) => {
    stage.client.send('pubrec', stage.id);
    await stage.client.hangUp();
    return finish(await back(stage), stage.id);
  });

  subscriberStory('cut after PUBREL: PUBREL comes again', 2, async (stage) => {
    stage.client.send('pubrec', stage.id);
    await stage.client.next('PUBREL');
    await stage.client.reset();
    return finish(await back(stage), stage.id);
  });

  subscriberStory('gone behind PUBCOMP: nothing comes again', 2, async (stage) => {
    stage.client.send('pubrec', stage.id);
    await finish(stage.client, stage.id);
    await stage.client.hangUp();
    return back(stage);
  });
});
