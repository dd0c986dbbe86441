// Socket.IO peers that read nothing, are slow, ask for too much, say it twice, or leave in the middle.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { unique } from './lib/clients.mjs';
import { PollingSession, event, openSocket, request } from './lib/engineio.mjs';
import { RawHttp, frame, kBinary, kText, pour, requestText, trickle, websocketRequest } from './lib/http.mjs';
import { digest } from './lib/payloads.mjs';
import { RawClient, encoder, take } from './lib/raw.mjs';
import { pause, until, within } from './lib/wait.mjs';

const MB = 1_000_000;
const kWebsocket = '/socket.io/?EIO=4&transport=websocket';
const kWebsocket3 = '/socket.io/?EIO=3&transport=websocket';
const kClose = '1';
const kRecord = '\x1e';

// One for each test: what kills it must not look like the fault of the next.
let broker;
const fresh = (...settings) => {
  beforeEach(async () => (broker = await Broker.start(...settings)));
  afterEach(() => broker.stop());
};
const set = (values) => Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

const mqtt = encoder(4);
const kConnected = Buffer.from('20020000', 'hex');
const pick = ({ status, body }) => ({ status, body });

/** A polling session in which MQTT is connected and subscribed to `filter`, if there is one. */
async function mqttSession({ filter, keepAlive = 0, will, on = broker } = {}) {
  const session = await PollingSession.open(on);
  assert.match(await session.join('/mqtt'), /^40\/mqtt,/);
  await session.send(mqtt.connect(unique('polling'), { clean: true, keepAlive, will }));
  assert.deepEqual(await session.receive(), kConnected);
  if (filter) await session.send(mqtt.subscribe(1, filter, 0));
  if (filter) assert.equal((await session.receive())[0], 0x90);
  return session;
}

/** The same on a WebSocket; `say(bytes)` sends MQTT. */
async function mqttSocket({ query = kWebsocket, keepAlive = 0, on = broker } = {}) {
  const socket = await openSocket(on, query);
  socket.send('40/mqtt,');
  await socket.inbox.first(({ text }) => text?.startsWith('40/mqtt'), 'the namespace');
  socket.say = (bytes) => {
    socket.send(event([])[0]);
    socket.send(bytes);
  };
  socket.say(mqtt.connect(unique('socket'), { clean: true, keepAlive }));
  await bytesOf(socket, kConnected);
  return socket;
}

const bytesOf = (socket, wanted) =>
  socket.inbox.first(({ bytes }) => bytes?.equals(wanted), `bytes ${wanted.toString('hex')}`);

/** A client on TCP that is subscribed. */
async function watcher(filter, on = broker) {
  const client = await RawClient.connect(on, 4, unique('watcher'), { clean: true });
  client.send('subscribe', 1, filter, 0);
  await client.next('SUBACK');
  return client;
}

async function publisher(on = broker) {
  return RawClient.connect(on, 4, unique('publisher'), { clean: true });
}

/** The broker has done all that came before. */
async function settled() {
  const client = await publisher();
  client.send('pingreq');
  await client.next('PINGRESP');
  await client.hangUp().catch(() => {});
}

/** QoS 1, so that each asks for an answer: `count` of them in one piece. */
const publishes = (count) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => mqtt.publish({ topic: 'x', payload: '', qos: 1, id: i + 1 })));

/** Posts publishes, and polls for none of the PUBACKs, until a POST is not answered: {poster, answer, sent}. */
async function heldPost(on, session, packets) {
  const poster = await RawHttp.open(on);
  for (let sent = 1; ; sent++) {
    await poster.ask('POST', session.url, { body: event(packets).join(kRecord) });
    const answer = poster.answer({ deadline: 13_000 });
    const held = await Promise.race([answer.then(() => false), pause(1000).then(() => true)]);
    if (held) return { poster, answer, sent };
    assert.deepEqual(pick(await answer), { status: 200, body: 'ok' });
  }
}

/** Events as one WebSocket stream. */
const eventFrames = (bytes) => Buffer.concat([frame(kText, event([])[0]), frame(kBinary, bytes)]);

describe('a WebSocket that asks and never reads', () => {
  fresh();
  const kAsked = 24 * MB;
  const kGrowthMax = 8 * MB;
  const kQuestions = {
    'to join what does not exist': { first: [kText, '40/mqtt,'], question: '40/nope,' },
    'for acknowledgements': { first: [kText, '40/mqtt,'], question: '42/mqtt,1["x"]' },
    'for pongs of revision 3': { path: kWebsocket3, question: `2${'x'.repeat(100)}` },
    'to upgrade, again and again': { upgrades: true, question: '2probe' },
  };
  for (const [what, { path = kWebsocket, first, question, upgrades }] of Object.entries(kQuestions)) {
    test(what, { timeout: 60_000 }, async (t) => {
      const session = upgrades && (await PollingSession.open(broker));
      const peer = await RawHttp.openWebSocket(broker, upgrades ? `${kWebsocket}&sid=${session.open.sid}` : path);
      if (first) await peer.send(frame(...first));
      await settled();
      const start = broker.residentBytes();
      let peak = start;
      const look = () => (peak = Math.max(peak, broker.residentBytes()));
      const sent = await pour(peer.socket, Buffer.concat(Array(5000).fill(frame(kText, question))), kAsked, look);
      await settled();
      look();
      t.diagnostic(`${(sent / MB).toFixed(1)} MB of questions, memory grew by ${((peak - start) / MB).toFixed(1)} MB`);
      await peer.reset();
      if (upgrades) await session.post(kClose);
      assert.ok(peak - start < kGrowthMax, `resident memory grew by ${((peak - start) / MB).toFixed(1)} MB`);
    });
  }
});

describe('a client that leaves with its PUBACKs unread has died, and its will is sent', () => {
  fresh();
  // What the kernel holds between the two comes first.
  const kFlood = 30 * MB;
  const kChunk = publishes(5000);

  /** Each sends until the broker takes no more, and then is gone. */
  const kinds = {
    async tcp(connect) {
      const client = await RawClient.open(broker, 4);
      client.socket.write(connect);
      await client.next('CONNACK');
      client.socket.pause();
      await pour(client.socket, kChunk, kFlood);
      await client.reset();
    },
    async ws(connect) {
      const peer = await RawHttp.openWebSocket(broker, '/mqtt', { 'Sec-WebSocket-Protocol': 'mqtt' });
      await peer.send(frame(kBinary, connect));
      await pour(peer.socket, frame(kBinary, kChunk), kFlood);
      await peer.reset();
    },
    async 'socket.io on WebSocket'(connect) {
      const peer = await RawHttp.openWebSocket(broker, kWebsocket);
      await peer.send(Buffer.concat([frame(kText, '40/mqtt,'), eventFrames(connect)]));
      await pour(peer.socket, eventFrames(kChunk), kFlood);
      await peer.reset();
    },
    async 'socket.io by polling'(connect) {
      const session = await PollingSession.open(broker);
      await session.join('/mqtt');
      await session.send(connect);
      assert.deepEqual(await session.receive(), kConnected);
      const { poster, answer } = await heldPost(broker, session, kChunk);
      await request(broker, session.url, { method: 'POST', body: kClose });
      await answer;
      await poster.leave();
    },
  };
  for (const [kind, flood] of Object.entries(kinds)) {
    test(`over ${kind}`, { timeout: 60_000 }, async () => {
      const topic = unique('will');
      const heir = await watcher(topic);
      await flood(mqtt.connect(unique('dying'), { clean: true, keepAlive: 0, will: { topic, payload: 'gone' } }));
      const { payload } = await heir.next('PUBLISH');
      assert.equal(`${payload}`, 'gone');
      await heir.reset();
    });
  }
});

describe('a client that says PUBLISH and DISCONNECT and leaves without reading', () => {
  fresh();
  const kRounds = 15;
  const kAtOnce = 8;

  /** Each gives a client that is being sent to, how it speaks, and how it has read enough. */
  const kinds = {
    async tcp(connect, subscribe) {
      const client = await RawClient.open(broker, 4);
      client.socket.write(connect);
      await client.next('CONNACK');
      client.socket.write(subscribe);
      await client.next('SUBACK');
      await client.next('PUBLISH');
      client.socket.pause();
      return { socket: client.socket, wrap: (bytes) => bytes, closed: client.closed };
    },
    async ws(connect, subscribe) {
      const peer = await RawHttp.openWebSocket(broker, '/mqtt', { 'Sec-WebSocket-Protocol': 'mqtt' });
      await peer.send(frame(kBinary, Buffer.concat([connect, subscribe])));
      await peer.take(1000);
      return { socket: peer.socket, wrap: (bytes) => frame(kBinary, bytes), closed: peer.closed };
    },
  };
  for (const [kind, open] of Object.entries(kinds)) {
    test(`is taken at its word, over ${kind}`, { timeout: 60_000 }, async (t) => {
      const watch = await watcher('last/#');
      const beat = await watcher('busy');
      const flooder = await publisher();
      const packets = Buffer.concat(Array(50).fill(mqtt.publish({ topic: 'busy', payload: 'z'.repeat(200), qos: 0 })));
      let done = false;
      const flood = (async () => {
        while (!done) {
          await new Promise((resolve) => flooder.socket.write(packets, resolve));
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const names = [];
      for (let round = 0; round < kRounds; round++) {
        const clients = await Promise.all(Array.from({ length: kAtOnce }, async (_, i) => {
          const name = `${round}-${i}`;
          names.push(name);
          const will = { topic: 'last/will', payload: name };
          const connect = mqtt.connect(unique('brief'), { clean: true, will });
          return { name, ...(await open(connect, mqtt.subscribe(1, 'busy', 0))) };
        }));
        const at = beat.inbox.all.length;
        await until(() => beat.inbox.all.length > at, 'something unread');
        for (const { name, socket, wrap } of clients) {
          socket.write(Buffer.concat([
            wrap(mqtt.publish({ topic: 'last/word', payload: name, qos: 0 })), wrap(mqtt.disconnect())]));
          socket.destroySoon();
        }
        await Promise.all(clients.map(({ closed }) => closed));
      }
      done = true;
      await flood;
      const words = () => watch.inbox.all.filter(({ type }) => type === 'PUBLISH');
      // Each comes to its end one way or the other.
      await until(() => words().length >= names.length, () => `${names.length} last words; there are ${words().length}`)
        .catch((error) => t.diagnostic(error.message));
      const said = (topic) => words().filter((word) => word.topic === topic).map(({ payload }) => `${payload}`).sort();
      assert.deepEqual(said('last/will'), [], 'no will of somebody who said good-bye');
      assert.deepEqual(said('last/word'), names.sort());
      await Promise.all([watch, beat, flooder].map((client) => client.reset()));
    });
  }
});

describe('an upgrade', () => {
  fresh();

  test('goes on although the probe came while the broker had enough to read', async () => {
    const session = await mqttSession();
    const socket = await session.socket();
    const polled = session.poll();
    const poster = await RawHttp.open(broker);
    const big = mqtt.publish({ topic: 'big', payload: Buffer.alloc(300_000), qos: 0 });
    const post = requestText('POST', session.url, { body: event(big).join(kRecord) });
    await poster.send(post.slice(0, -4));
    await settled();
    await broker.frozen(async () => {
      await poster.send(post.slice(-4));
      await new Promise((resolve) => socket.send('2probe', resolve));
    });
    await socket.inbox.first(({ text }) => text === '3probe', '3probe');
    assert.equal((await poster.answer()).body, 'ok');
    assert.deepEqual(await within(polled, 'the end of the poll'), ['6']);
    socket.send('5');
    socket.send(event([])[0]);
    socket.send(mqtt.pingreq());
    await socket.inbox.first(({ bytes }) => bytes?.equals(Buffer.from('d000', 'hex')), 'PINGRESP', 5000);
    socket.close();
    await within(socket.closed, 'the end');
  });
});

describe('slow peers', { concurrency: true }, () => {
  let quick; // short of patience
  let usual;
  before(async () => {
    quick = await Broker.start(...set({ 'socketio.ping_interval': '300ms', 'socketio.ping_timeout': '300ms' }));
    usual = await Broker.start(...set({ 'listener.close_timeout': '400ms' }));
  });
  after(() => Promise.all([quick?.stop(), usual?.stop()]));

  const kBodies = [[4, `40/mqtt,${`${kRecord}3`.repeat(20)}`], [3, `8:40/mqtt,${'1:2'.repeat(20)}`]];
  for (const [revision, body] of kBodies) {
    test(`a body that takes long keeps its session of revision ${revision} alive`, async () => {
      const handshake = await request(quick, `/socket.io/?EIO=${revision}&transport=polling`);
      const { sid } = JSON.parse(/\{.*\}/.exec(handshake.body)[0]);
      const url = `/socket.io/?EIO=${revision}&transport=polling&sid=${sid}`;
      const [polling, posting] = [await RawHttp.open(quick), await RawHttp.open(quick)];
      await polling.ask('GET', url);
      const post = requestText('POST', url, { body });
      await posting.send(post.slice(0, -body.length));
      await trickle(posting.socket, Buffer.from(body), 2500);
      assert.deepEqual(pick(await posting.answer()), { status: 200, body: 'ok' });
      let text = '';
      while (!text.includes('40/mqtt')) {
        const answer = await polling.answer();
        assert.equal(answer.status, 200, answer.body);
        text += answer.body;
        assert.ok(!text.split(kRecord).includes('1'), 'it was closed');
        if (!text.includes('40/mqtt')) await polling.ask('GET', url);
      }
      await posting.ask('POST', url, { body: revision === 4 ? '1' : '1:1' });
      await posting.answer();
      await Promise.all([polling.leave(), posting.leave()]);
    });
  }

  test('a frame that takes long keeps its session alive', async () => {
    const peer = await RawHttp.openWebSocket(quick, kWebsocket);
    const connect = mqtt.connect(unique('slow'), { clean: true });
    await peer.send(frame(kText, '40/mqtt,'));
    await peer.send(frame(kText, event([])[0]));
    await trickle(peer.socket, frame(kBinary, connect), 2500);
    const received = [];
    const connected = (async () => {
      while (!Buffer.concat(received).includes(kConnected)) received.push(await peer.take(1));
    })();
    await within(connected, 'CONNACK');
    await peer.leave();
  });

  test('a large message arrives whole, although its answers are read slower than a connection may end', async () => {
    const filter = unique('large');
    const session = await mqttSession({ filter, on: usual });
    const payload = randomBytes(7 * MB);
    const sender = await publisher(usual);
    sender.send('publish', { topic: filter, payload, qos: 0 });
    sender.send('pingreq');
    await sender.next('PINGRESP');
    const parts = [];
    const keep = (body) => {
      for (const packet of body.split(kRecord)) if (packet[0] === 'b') parts.push(Buffer.from(packet.slice(1), 'base64'));
    };
    let got;
    for (let slow = 2; !(got = take(Buffer.concat(parts), 4)); slow--) {
      const peer = await RawHttp.open(usual);
      await peer.ask('GET', session.url, { close: true });
      const { status, body } = await peer.answer({ milliseconds: slow > 0 ? 2500 : 0 });
      assert.equal(status, 200, body);
      keep(body);
      await peer.leave();
    }
    assert.equal(digest(got.packet.payload), digest(payload));
    await session.post(kClose);
    await sender.reset();
  });

  test('`ok` is held back from who fetches no PUBACKs, for ten seconds at most', { timeout: 60_000 }, async (t) => {
    const session = await mqttSession({ on: usual });
    const kPublishes = 5000;
    const { poster, answer, sent } = await heldPost(usual, session, publishes(kPublishes));
    const held = performance.now();
    assert.deepEqual(pick(await answer), { status: 200, body: 'ok' });
    t.diagnostic(`POST ${sent} was held back for ${(1 + (performance.now() - held) / 1000).toFixed(1)} s`);
    // It has not lost anything by it.
    const acks = [];
    for (let size = 0; size < sent * kPublishes * 4; size += acks.at(-1).length) acks.push(await session.receive());
    const once = Buffer.concat(Array.from({ length: kPublishes }, (_, i) => mqtt.puback(i + 1)));
    assert.equal(digest(Buffer.concat(acks)), digest(Buffer.concat(Array(sent).fill(once))));
    await session.post(kClose);
    await poster.leave();
  });
});

describe('memory', () => {
  fresh();

  test('comes back after each session has said 900 KB at once', async (t) => {
    const kSessions = 20;
    const warm = await mqttSocket();
    const sockets = [];
    await settled();
    const start = broker.residentBytes();
    const big = mqtt.publish({ topic: 'nobody', payload: Buffer.alloc(900_000, 'z'), qos: 1, id: 7 });
    for (let i = 0; i < kSessions; i++) {
      const socket = await mqttSocket();
      sockets.push(socket);
      socket.say(big);
      await socket.inbox.first(({ bytes }) => bytes?.equals(mqtt.puback(7)), 'PUBACK');
    }
    const each = (broker.residentBytes() - start) / kSessions / 1024;
    t.diagnostic(`${each.toFixed(0)} KiB for each session`);
    assert.ok(each < 200, `${each.toFixed(0)} KiB for each session`);
    for (const socket of [warm, ...sockets]) socket.terminate();
  });
});

describe('namespaces and acknowledgements', () => {
  fresh();

  test('200 acknowledgements that are asked for in one POST all come', async () => {
    const kIds = Array.from({ length: 200 }, (_, i) => i);
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    assert.deepEqual(pick(await session.post(...kIds.map((id) => `42/mqtt,${id}["x"]`))), { status: 200, body: 'ok' });
    const acks = [];
    while (acks.length < kIds.length) acks.push(...(await session.poll()));
    assert.deepEqual(acks, kIds.map((id) => `43/mqtt,${id}[]`));
    await session.post(kClose);
  });

  test('a text event for a namespace that was never joined ends the connection', async () => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    await session.post('42/other,9["x"]');
    assert.ok(await within(session.over(), 'the end of the session', 5000));
    const socket = await openSocket(broker, kWebsocket);
    socket.send('42/mqtt,["message","early"]');
    await within(socket.closed, 'the end of the WebSocket');
  });

  test('an event on `/` does not, in revision 3: its clients are there from the start', async () => {
    const socket = await openSocket(broker, kWebsocket3);
    socket.send('42["message","hello"]');
    socket.send('451-["message",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([4, 1, 2, 3]));
    socket.send('421["hello"]');
    await socket.inbox.first(({ text }) => text === '431[]', 'the acknowledgement');
    socket.send('40/mqtt,');
    await socket.inbox.first(({ text }) => text?.startsWith('40/mqtt'), 'the namespace');
    socket.close();
    await within(socket.closed, 'the end');
  });

  test('a body that is too large is told which option to look at', async () => {
    const session = await PollingSession.open(broker);
    const peer = await RawHttp.open(broker);
    await peer.send(`POST ${session.url} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000000\r\n\r\n`);
    const { status, body } = await peer.answer();
    assert.equal(status, 413);
    assert.match(body, /socketio\.max_payload/);
    await peer.leave();
    await session.post(kClose);
  });
});

describe('an answer or a request that is lost on the way', () => {
  fresh();
  const again = (session, t) => `${session.url}&t=${t}`;
  const publish = (topic, payload) => mqtt.publish({ topic, payload, qos: 0 });

  test('is given again to the next poll, if its connection broke in the middle of it', { timeout: 60_000 }, async (t) => {
    const filter = unique('lost');
    const session = await mqttSession({ filter });
    const sender = await publisher();
    // More than the kernel takes, so that a part of some answer stays with the broker.
    const payloads = [randomBytes(7 * MB), randomBytes(7 * MB)];
    for (const payload of payloads) sender.send('publish', { topic: filter, payload, qos: 0 });
    sender.send('pingreq');
    await sender.next('PINGRESP');
    const polling = await RawHttp.open(broker);
    await polling.send(requestText('GET', session.url).repeat(100));
    await settled();
    const parts = [];
    const keep = ({ body }) => {
      for (const packet of body.split(kRecord)) if (packet[0] === 'b') parts.push(Buffer.from(packet.slice(1), 'base64'));
    };
    await broker.frozen(async () => {
      const { answers, part } = await polling.backlog();
      t.diagnostic(`${answers.length} whole answers, and ${part.length} bytes of another`);
      assert.ok(part.length > 0, 'it is in the middle of an answer');
      answers.forEach(keep);
      await polling.reset();
    });
    for (const payload of payloads) {
      let got;
      while (!(got = take(Buffer.concat(parts), 4))) keep(await request(broker, session.url));
      assert.equal(digest(got.packet.payload), digest(payload));
      parts.splice(0, parts.length, got.rest);
    }
    await session.post(kClose);
    await sender.reset();
  });

  test('has not left yet, if its poll is gone before: the next one gets it', async () => {
    const filter = unique('gone');
    const sender = await publisher();
    for (let i = 0; i < 5; i++) {
      const session = await mqttSession({ filter });
      const gone = await RawHttp.open(broker);
      await gone.ask('GET', session.url);
      await settled();
      await broker.frozen(async () => {
        await new Promise((resolve) => sender.socket.write(publish(filter, `${i}`), resolve));
        await gone.reset();
      });
      assert.deepEqual(await within(session.receive(), 'the message'), publish(filter, `${i}`), `round ${i}`);
      await session.post(kClose);
    }
    await sender.reset();
  });

  test('is given again to a poll that comes again', async () => {
    const filter = unique('again');
    const session = await mqttSession({ filter });
    const sender = await publisher();
    sender.send('publish', { topic: filter, payload: 'once', qos: 0 });
    const first = await request(broker, again(session, 'PaBc12'));
    assert.deepEqual(first.body.split(kRecord), event(publish(filter, 'once')));
    sender.send('publish', { topic: filter, payload: 'twice', qos: 0 });
    await settled();
    const repeated = await request(broker, again(session, 'PaBc12'));
    assert.deepEqual(pick(repeated), pick(first));
    const next = await request(broker, again(session, 'PaBc13'));
    assert.deepEqual(next.body.split(kRecord), event(publish(filter, 'twice')));
    await session.post(kClose);
    await sender.reset();
  });

  test('is not processed twice when it is a POST', async () => {
    const topic = unique('once');
    const heir = await watcher(topic);
    const session = await mqttSession();
    const say = (t, payload) =>
      request(broker, again(session, t), { method: 'POST', body: event(publish(topic, payload)).join(kRecord) });
    for (const [t, payload] of [['PaBc12', '1'], ['PaBc12', '1'], ['PaBc13', '2'], ['PaBc13', '2'], ['PaBc14', '3']]) {
      assert.deepEqual(pick(await say(t, payload)), { status: 200, body: 'ok' });
    }
    const payloads = [];
    for (let i = 0; i < 3; i++) payloads.push(`${(await heir.next('PUBLISH')).payload}`);
    assert.deepEqual(payloads, ['1', '2', '3']);
    heir.send('pingreq');
    await heir.next('PINGRESP');
    await session.post(kClose);
    await heir.reset();
  });

  test('is no such thing if its `t` is the time, which two requests may share', async () => {
    const topic = unique('time');
    const session = await mqttSession({ filter: topic });
    const url = again(session, '1700000000000');
    const seen = [];
    for (const payload of ['1', '2', '3']) {
      const said = await request(broker, url, { method: 'POST', body: event(publish(topic, payload)).join(kRecord) });
      assert.deepEqual(pick(said), { status: 200, body: 'ok' });
      seen.push((await request(broker, url)).body);
    }
    assert.deepEqual(seen, ['1', '2', '3'].map((payload) => event(publish(topic, payload)).join(kRecord)));
    await session.post(kClose);
  });
});

describe('SIGTERM', () => {
  test('is told to each client, whatever carries it', { timeout: 60_000 }, async () => {
    const here = await Broker.start();
    const v5 = encoder(5);
    const kDisconnect = 0xe0;
    const connect = () => v5.connect(unique('stopped'), { clean: true });
    const polls = async () => {
      const session = await PollingSession.open(here);
      await session.join('/mqtt');
      await session.send(connect());
      assert.equal((await session.receive())[0], 0x20);
      return session;
    };
    const [waiting, between, kept] = [await polls(), await polls(), await polls()];
    const keptConnection = await RawHttp.open(here);
    await keptConnection.ask('GET', '/nothing');
    await keptConnection.answer();
    const unjoined = await PollingSession.open(here);
    const ws = await openSocket(here, '/mqtt', { protocols: ['mqtt'] });
    ws.send(connect());
    await ws.inbox.first(({ bytes }) => bytes?.[0] === 0x20, 'CONNACK');
    const socket = await openSocket(here, kWebsocket);
    socket.send('40/mqtt,');
    socket.send(event([])[0]);
    socket.send(connect());
    await socket.inbox.first(({ bytes }) => bytes?.[0] === 0x20, 'CONNACK');
    const unjoinedSocket = await openSocket(here, kWebsocket);
    const tcp = await RawClient.connect(here, 5, unique('stopped'), { clean: true });
    const [held, heldUnjoined] = [await RawHttp.open(here), await RawHttp.open(here)];
    await held.ask('GET', waiting.url);
    await heldUnjoined.ask('GET', unjoined.url);
    tcp.send('pingreq');
    await tcp.next('PINGRESP');

    const ended = here.program.end('SIGTERM');
    const farewell = (await held.answer()).body.split(kRecord);
    const goodbyeOf = (packets) => Buffer.from(packets.find((packet) => packet[0] === 'b')?.slice(1) ?? '', 'base64')[0];
    assert.equal(goodbyeOf(farewell), kDisconnect, `${farewell}`);
    assert.equal(farewell.at(-1), '1', 'the close packet is in the same body');
    const late = await request(here, '/socket.io/?EIO=4&transport=polling');
    assert.equal(late.status, 503, 'nobody new');
    const lateSocket = await RawHttp.open(here);
    await lateSocket.send(websocketRequest(kWebsocket));
    assert.equal((await lateSocket.answer()).status, 503, 'nobody new by WebSocket either');
    await keptConnection.ask('GET', kept.url);
    for (const fetched of [await between.poll(), (await keptConnection.answer()).body.split(kRecord)]) {
      assert.equal(goodbyeOf(fetched), kDisconnect, `${fetched}`);
      assert.equal(fetched.at(-1), '1');
    }
    assert.deepEqual((await heldUnjoined.answer()).body, '1');
    await tcp.next('DISCONNECT');
    for (const one of [ws, socket]) {
      assert.equal(await within(one.closed, 'the end of a WebSocket'), 1001);
      assert.ok(one.inbox.all.some(({ bytes }) => bytes?.[0] === kDisconnect), 'DISCONNECT comes before');
    }
    assert.equal(await within(unjoinedSocket.closed, 'the end of a WebSocket'), 1001);
    assert.deepEqual(await ended, { code: 0, signal: null }, here.program.said);
  });
});
