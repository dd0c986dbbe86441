// The demo's own client, without its page: the modules as they are served, in a browser.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { connect, disconnect, subscribe, unique } from './lib/clients.mjs';
import { launchBrowser } from './lib/demo_tab.mjs';

let broker;
let browser;
let page;
before(async () => {
  broker = await Broker.start();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await broker?.stop();
});
beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`${broker.origin}/demo/page.css`); // of the same origin, and quiet
});
afterEach(() => page?.close());

test('packets are put together wherever the stream is cut', async () => {
  const failed = await page.evaluate(async () => {
    const { Decoder, publish, answer, kType } = await import('/demo/packets.js');
    const texts = ['', 'short', 'x'.repeat(127), 'y'.repeat(20_000)];
    const packets = texts.map((payload, i) => publish({ id: i + 1, topic: 'a/ü', payload }));
    packets.push(answer(kType.pubcomp, 7));
    const stream = Uint8Array.from(packets.flatMap((packet) => [...packet]));
    const read = (...pieces) => {
      const decoder = new Decoder();
      return pieces.flatMap((piece) => decoder.push(piece)).map(({ type, id, topic, payload }) =>
        [type, id, topic, payload && new TextDecoder().decode(payload)].join());
    };
    const expected = [...texts.map((text, i) => [3, i + 1, 'a/ü', text].join()), [7, 7, '', ''].join()].join('\n');
    const cuts = Array.from({ length: stream.length + 1 }, (_, at) => at).filter((at) => at < 400 || at % 997 === 0);
    const failed = cuts.filter((at) => read(stream.subarray(0, at), stream.subarray(at)).join('\n') !== expected);
    const small = stream.subarray(0, 200);
    const single = read(...Array.from(small, (byte) => Uint8Array.of(byte))).join('\n');
    if (single !== read(small).join('\n')) failed.push('byte by byte');
    return failed;
  });
  assert.deepEqual(failed, []);
});

describe('what is published before and while the connection opens', () => {
  for (const pollingOnly of [true, false]) {
    const how = pollingOnly ? 'polling' : 'through the upgrade';
    test(`arrives once and in order, ${how}`, { timeout: 60_000 }, async () => {
      const topic = unique('/client');
      const listener = await connect(broker, 'tcp');
      await subscribe(listener, topic);
      // One of them is longer than an event may be.
      const texts = Array.from({ length: 60 }, (_, i) => (i === 30 ? `30${'.'.repeat(50_000)}` : `${i}`));
      const transport = await page.evaluate(async ({ pollingOnly, topic, texts }) => {
        const { MqttClient } = await import('/demo/mqtt.js');
        const client = new MqttClient(new URL('/socket.io/', location), `${topic}/#`);
        let seen = 0;
        client.onmessage = () => seen++;
        client.usePollingOnly(pollingOnly);
        for (const text of texts) client.publish(topic, text);
        const done = () => client.waiting === 0 && seen === texts.length;
        const { promise, resolve } = Promise.withResolvers();
        const timer = setInterval(() => done() && resolve(), 10);
        await promise;
        clearInterval(timer);
        const { transport } = client.status;
        client.stop();
        return transport;
      }, { pollingOnly, topic, texts });
      await listener.inbox.first(({ payload }) => `${payload}` === '59', 'the last');
      assert.deepEqual(listener.inbox.all.map(({ payload }) => `${payload}`), texts);
      assert.equal(transport, pollingOnly ? 'polling' : 'websocket');
      await disconnect(listener);
    });
  }

  test('is bounded', async () => {
    const taken = await page.evaluate(async () => {
      const { MqttClient } = await import('/demo/mqtt.js');
      const client = new MqttClient(new URL('/nowhere/', location), 'x');
      let taken = 0;
      while (taken < 1000 && client.publish('x', 'x')) taken++;
      return [taken, client.full];
    });
    assert.deepEqual(taken, [100, true]);
  });
});

describe('the last words of a page', () => {
  for (const pollingOnly of [true, false]) {
    test(`over ${pollingOnly ? 'polling: one request' : 'a WebSocket'}`, { timeout: 30_000 }, async () => {
      const sent = [];
      page.on('request', (request) => request.method() === 'POST' && sent.push(request.postData()));
      page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)));
      await page.evaluate(async (pollingOnly) => {
        const { MqttClient } = await import('/demo/mqtt.js');
        window.client = new MqttClient(new URL('/socket.io/', location), '/words');
        const { promise, resolve } = Promise.withResolvers();
        client.onchange = () => client.status.transport === (pollingOnly ? 'polling' : 'websocket') && resolve();
        client.usePollingOnly(pollingOnly);
        await promise;
        addEventListener('pagehide', () => client.stop());
      }, pollingOnly);
      sent.length = 0;
      await page.goto(`${broker.origin}/demo/icon.svg`);
      const header = '451-/mqtt,["message",{"_placeholder":true,"num":0}]';
      const bytes = Buffer.from('e0070005 11 00000000'.replaceAll(' ', ''), 'hex'); // DISCONNECT, no session
      assert.deepEqual(sent, pollingOnly
        ? [[header, `b${bytes.toString('base64')}`, '41/mqtt,', '1'].join('\x1e')]
        : [header, bytes, '41/mqtt,']);
    });
  }
});
