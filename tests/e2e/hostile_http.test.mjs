// HTTP as nobody should speak it, and some do: pipelined, overlapped, half, slow, and gone in the middle.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { unique } from './lib/clients.mjs';
import { PollingSession } from './lib/engineio.mjs';
import { RawHttp, requestText, trickle, websocketRequest } from './lib/http.mjs';
import { RawClient } from './lib/raw.mjs';
import { pause, within } from './lib/wait.mjs';

const MB = 1_000_000;
const kHandshake = '/socket.io/?EIO=4&transport=polling';
const kPage = '/socket.io/socket.io.js';
const kClose = '1';

// One for each test: what kills it must not look like the fault of the next.
let broker;
const fresh = () => {
  beforeEach(async () => (broker = await Broker.start()));
  afterEach(() => broker.stop());
};

/** All connections of one test, closed behind it. */
function peers(t) {
  const all = [];
  t.after(() => Promise.all(all.map((peer) => peer.leave())));
  return async () => {
    all.push(await RawHttp.open(broker));
    return all.at(-1);
  };
}

/** Polls of `url` are held when this returns: a request that left later, on another connection, has been answered. */
async function held(peer, url, options) {
  await peer.ask('GET', url, options);
  const other = await RawHttp.open(broker);
  await other.ask('GET', '/nothing');
  await other.answer();
  await other.leave();
}

/** The broker still does its work, and what an earlier request left behind would be overwritten now. */
async function serves(times = 50) {
  broker.program.assertAlive();
  const peer = await RawHttp.open(broker);
  await end(peer, await handshakes(peer, times));
  await peer.leave();
}

/** The addresses of so many new sessions. */
async function handshakes(peer, times) {
  await peer.send(requestText('GET', kHandshake).repeat(times));
  const urls = [];
  for (let i = 0; i < times; i++) {
    const { status, body } = await peer.answer();
    assert.equal(status, 200);
    urls.push(`${kHandshake}&sid=${JSON.parse(body.slice(1)).sid}`);
  }
  return urls;
}

async function end(peer, urls) {
  await peer.send(urls.map((url) => requestText('POST', url, { body: kClose })).join(''));
  for (const _ of urls) assert.equal((await peer.answer()).body, 'ok');
}

async function post(url, body, options) {
  const peer = await RawHttp.open(broker);
  await peer.ask('POST', url, { body, ...options });
  const answer = await peer.answer();
  await peer.leave();
  return answer;
}

describe('the end of a session', () => {
  fresh();
  test('answers a held poll in the moment in which its peer leaves', async (t) => {
    const peer = peers(t);
    for (let i = 0; i < 5; i++) {
      const { url } = await PollingSession.open(broker);
      const polling = await peer();
      await held(polling, url, { close: true });
      const closing = await peer();
      await closing.send(requestText('POST', url, { body: kClose }).slice(0, -1));
      await broker.frozen(async () => {
        await closing.send(kClose);
        await within(new Promise((resolve) => polling.socket.end(resolve)), 'the end of what is sent');
      });
      assert.equal((await closing.answer()).body, 'ok');
      await serves(5);
    }
  });

  test('comes sixty times from clients that close all their connections with it', { timeout: 60_000 }, async (t) => {
    const busy = await RawClient.connect(broker, 4, unique('busy'), { clean: true });
    const packets = Buffer.concat(Array(2000).fill(busy.encode.publish({ topic: 'q', payload: 'z'.repeat(50), qos: 0 })));
    let done = false;
    const load = (async () => {
      while (!done && !busy.socket.destroyed) await new Promise((resolve) => busy.socket.write(packets, resolve));
    })();
    t.after(async () => {
      done = true;
      await load;
      await busy.reset();
    });
    for (let i = 0; i < 60; i++) {
      const { url } = await PollingSession.open(broker);
      const [polling, closing] = [await RawHttp.open(broker), await RawHttp.open(broker)];
      await held(polling, url, { close: true });
      await closing.ask('POST', url, { body: kClose, close: true });
      await Promise.all([polling.leave(), closing.leave()]);
    }
    await serves();
  });

  test('answers both of two pipelined polls of which another poll has released the first', async (t) => {
    const peer = peers(t);
    const { url } = await PollingSession.open(broker);
    const [pipelining, overlapping] = [await peer(), await peer()];
    await pipelining.send(requestText('GET', url).repeat(2));
    await held(overlapping, url);
    assert.deepEqual(pick(await pipelining.answer()), { status: 200, body: '6' });
    assert.deepEqual(pick(await post(url, kClose)), { status: 200, body: 'ok' });
    assert.deepEqual(pick(await pipelining.answer()), { status: 200, body: '6' });
    assert.deepEqual(pick(await overlapping.answer()), { status: 200, body: '6' });
    await serves();
    await pipelining.leave();
    await serves();
  });

  test('stands behind a poll on the same connection', async (t) => {
    const peer = peers(t);
    const { url } = await PollingSession.open(broker);
    const [pipelining, overlapping] = [await peer(), await peer()];
    await pipelining.send(requestText('GET', url) + requestText('POST', url, { body: kClose }));
    await held(overlapping, url);
    assert.deepEqual(pick(await pipelining.answer()), { status: 200, body: '6' });
    assert.deepEqual(pick(await pipelining.answer()), { status: 200, body: 'ok' });
    assert.deepEqual(pick(await overlapping.answer()), { status: 200, body: '6' });
    await serves();
    await overlapping.leave();
    await serves();
  });
});

const pick = ({ status, body }) => ({ status, body });

describe('pipelines', () => {
  fresh();
  const kLinks = 2000;
  test(`${kLinks} held polls, each with a poll of the next session behind it: one more releases all`, { timeout: 60_000 },
    async (t) => {
      // A chain that is answered link within link would need about a kilobyte of stack for each.
      execFileSync('prlimit', ['--pid', `${broker.pid}`, `--stack=${512 * 1024}`]);
      const peer = peers(t);
      const first = await peer();
      const urls = await handshakes(first, kLinks + 1);
      const links = [];
      for (let i = 0; i < kLinks; i++) links.push(await peer());
      await Promise.all(links.map((link, i) => link.ask('GET', urls[i])));
      await serves(1);
      await Promise.all(links.map((link, i) => link.ask('GET', urls[i + 1])));
      await serves(1);
      await (await peer()).ask('GET', urls[0]);
      const answers = await Promise.all(links.map((link) => link.answer()));
      assert.ok(answers.every(({ status, body }) => status === 200 && body === '6'), 'each is released with a noop');
      await end(first, urls);
      await serves();
    });

  test('4000 requests for a page by a peer that reads nothing: memory and other clients do not notice', async (t) => {
    const other = await RawClient.connect(broker, 4, unique('other'), { clean: true });
    t.after(() => other.reset());
    await serves(1);
    const start = broker.residentBytes();
    const greedy = await peers(t)();
    greedy.socket.write(requestText('GET', kPage).repeat(4000));
    const seen = { peak: 0, wait: 0 };
    for (let i = 0; i < 100; i++) {
      const asked = performance.now();
      other.send('pingreq');
      await other.next('PINGRESP');
      seen.wait = Math.max(seen.wait, performance.now() - asked);
      seen.peak = Math.max(seen.peak, broker.residentBytes());
    }
    const growth = seen.peak - start;
    t.diagnostic(`memory grew by ${(growth / MB).toFixed(1)} MB, longest wait ${seen.wait.toFixed(0)} ms`);
    assert.ok(growth < 60 * MB, `resident memory grew by ${(growth / MB).toFixed(1)} MB`);
    assert.ok(seen.wait < 2000, `the other client waited ${seen.wait.toFixed(0)} ms`);
    // And it is served when it comes to its senses.
    for (let i = 0; i < 100; i++) assert.equal((await greedy.answer()).status, 200);
  });
});

describe('slow peers', { concurrency: true }, () => {
  let patient;
  before(async () => {
    patient = await Broker.start('--set', 'http.idle_timeout=1s', '--set', 'listener.close_timeout=400ms');
  });
  after(() => patient?.stop());

  test('a POST that begins late in the idle time is not cut', async () => {
    const session = await PollingSession.open(patient);
    const peer = await RawHttp.open(patient);
    const asked = requestText('POST', session.url, { body: '40/mqtt,' });
    await peer.ask('GET', '/nothing');
    assert.equal((await peer.answer()).status, 404);
    await pause(700); // It has nothing to say for so long.
    await trickle(peer.socket, Buffer.from(asked), 1200);
    assert.deepEqual(pick(await peer.answer()), { status: 200, body: 'ok' });
    assert.match((await session.poll())[0], /^40\/mqtt,/);
    await peer.leave();
  });

  test('the last answer of a connection arrives whole, however long its reader takes', async () => {
    const kAnswers = 40;
    const page = requestText('GET', kPage);
    const peer = await RawHttp.open(patient);
    await peer.send(page.repeat(kAnswers - 1) + requestText('GET', kPage, { close: true }));
    const whole = (await peer.answer()).body;
    for (let i = 1; i < kAnswers; i++) {
      const { status, body } = await peer.answer({ milliseconds: 60 });
      assert.deepEqual({ status, same: body === whole }, { status: 200, same: true }, `answer ${i}`);
    }
    assert.equal(await peer.rest(), '');
  });
});

describe('requests that never become whole', () => {
  let strict;
  before(async () => (strict = await Broker.start('--set', 'http.request_timeout=500ms')));
  after(() => strict?.stop());

  const kBeginnings = {
    'half a header': 'GET /nothing HTTP/1.1\r\nHost: 127.0',
    'half a body': requestText('POST', kHandshake, { body: '40/mqtt,' }).slice(0, -3),
    'half a chunk': 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
  };
  for (const [what, beginning] of Object.entries(kBeginnings)) {
    test(`${what} is answered with 408, and the connection ends`, async () => {
      const peer = await RawHttp.open(strict);
      await peer.send(beginning);
      const { status, headers } = await peer.answer({ deadline: 5000 });
      assert.deepEqual({ status, connection: headers.connection }, { status: 408, connection: 'close' });
      assert.equal(await peer.rest(), '');
      await peer.leave();
    });
  }

  test('a byte now and then does not help', async () => {
    const peer = await RawHttp.open(strict);
    await trickle(peer.socket, Buffer.from(`GET /${'x'.repeat(200)}`), 1000);
    assert.equal((await peer.answer({ deadline: 5000 })).status, 408);
    await peer.leave();
  });
});

describe('a refused WebSocket handshake ends the connection', () => {
  fresh();
  const kWebsocket = '/socket.io/?EIO=4&transport=websocket';
  const kRefused = {
    'for a new Socket.IO session, without a key': websocketRequest(kWebsocket).replace(/Sec-WebSocket-Key.*\r\n/, ''),
    'for a Socket.IO session that nobody knows': websocketRequest(`${kWebsocket}&sid=nobody`),
    'for MQTT, without a key': websocketRequest('/mqtt').replace(/Sec-WebSocket-Key.*\r\n/, ''),
    'for MQTT, by a subprotocol that is none of ours': websocketRequest('/mqtt', { 'Sec-WebSocket-Protocol': 'amqp' }),
  };
  for (const [what, handshake] of Object.entries(kRefused)) {
    test(what, async () => {
      const peer = await RawHttp.open(broker);
      await peer.send(handshake);
      const { status, headers } = await peer.answer();
      assert.deepEqual({ status, connection: headers.connection }, { status: 400, connection: 'close' });
      assert.equal(await peer.rest(), '');
      await peer.leave();
    });
  }
});
