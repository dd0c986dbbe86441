// The Socket.IO endpoint and its neighbours, byte by byte: answers, refusals, upgrade.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { unique } from './lib/clients.mjs';
import { PollingSession, event, openSocket, request } from './lib/engineio.mjs';
import { encoder } from './lib/raw.mjs';
import { within } from './lib/wait.mjs';

let broker;
before(async () => (broker = await Broker.start()));
after(() => broker?.stop());

const mqtt = encoder(4);
const kConnected = Buffer.from('20020000', 'hex');
const kNotAuthorized = Buffer.from('20020005', 'hex');
const connectPacket = () => mqtt.connect(unique('wire'), { clean: true });

describe('the handshake', () => {
  for (const path of ['/socket.io/', '/socket.io']) {
    test(`revision 4 at ${path}`, async () => {
      const { open, handshake } = await PollingSession.open(broker, { path });
      assert.deepEqual(Object.keys(open), ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
      assert.deepEqual(open.upgrades, ['websocket']);
      assert.match(open.sid, /^[\w-]{20,}$/, 'a sid has at least 120 bits, safe in a URL');
      assert.equal(open.maxPayload, 1_000_000);
      assert.equal(handshake.headers['content-type'].toLowerCase(), 'text/plain; charset=utf-8');
      assert.equal(handshake.headers['cache-control'], 'no-store');
    });
  }

  for (const query of ['EIO=3', 'EIO=2', '']) {
    test(`revision 3 with '${query}' in the query: CONNECT of the root comes along`, async () => {
      const { status, body } = await request(broker, `/socket.io/?${query}&transport=polling`);
      assert.equal(status, 200);
      const [, length, rest] = /^(\d+):(.*)$/s.exec(body);
      assert.deepEqual(Object.keys(JSON.parse(rest.slice(1, Number(length)))),
        ['sid', 'upgrades', 'pingInterval', 'pingTimeout', 'maxPayload']);
      assert.equal(rest.slice(Number(length)), '2:40');
    });
  }

  test('over WebSocket there is nothing to upgrade to', async () => {
    const socket = await openSocket(broker, '/socket.io/?EIO=4&transport=websocket');
    const { text } = await socket.inbox.first(() => true, 'the open packet');
    assert.deepEqual(JSON.parse(text.slice(1)).upgrades, []);
    socket.close();
  });
});

describe('refusals', () => {
  const kRefusals = [
    ['an unknown sid', 'EIO=4&transport=polling&sid=nobody', {}, 400, 1, 'Session ID unknown'],
    ['an unknown transport', 'EIO=4&transport=pigeon', {}, 400, 0, 'Transport unknown'],
    ['no transport', 'EIO=4', {}, 400, 0, 'Transport unknown'],
    ['a POST without a session', 'EIO=4&transport=polling', { method: 'POST', body: '40' }, 400, 2, 'Bad handshake method'],
    ['a PUT without a session', 'EIO=4&transport=polling', { method: 'PUT', body: '40' }, 400, 2, 'Bad handshake method'],
    ['WebSocket without an upgrade', 'EIO=4&transport=websocket', {}, 400, 3, 'Bad request'],
    ['a revision of the future', 'EIO=5&transport=polling', {}, 400, 5, 'Unsupported protocol version'],
  ];
  for (const [what, query, options, status, code, message] of kRefusals) {
    test(`${what} is code ${code}`, async () => {
      const answer = await request(broker, `/socket.io/?${query}`, options);
      assert.equal(answer.status, status);
      const said = JSON.parse(answer.body);
      assert.deepEqual({ code: said.code, message: said.message }, { code, message });
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.ok(answer.headers['content-length'], 'the length is told');
    });
  }

  test('an unknown namespace is refused, and the connection can join another', async () => {
    const session = await PollingSession.open(broker);
    assert.equal(await session.join('/nope'), '44/nope,{"message":"Invalid namespace"}');
    assert.match(await session.join('/mqtt'), /^40\/mqtt,\{"sid":"[^"]+"\}$/);
    await session.send(connectPacket());
    assert.deepEqual(await session.receive(), kConnected);
  });

  const kBadEvents = [
    ['text instead of bytes', ['42/mqtt,["message","text"]']],
    ['a second attachment', ['452-/mqtt,["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', 'bAQ==', 'bAg==']],
    ['an attachment that nobody announced', ['bAQ==']],
    ['a namespace never joined', ['451-/other,["message",{"_placeholder":true,"num":0}]', 'bAQ==']],
  ];
  for (const [what, packets] of kBadEvents) {
    test(`${what} ends the connection`, async () => {
      const session = await PollingSession.open(broker);
      await session.join('/mqtt');
      await session.post(...packets);
      assert.ok(await within(session.over(), 'the end of the session'));
    });
  }

  for (const path of ['/nothing', '/socket.iox', '/mqtt/deeper']) {
    test(`${path} is not found`, async () => {
      assert.equal((await request(broker, path)).status, 404);
    });
  }
});

describe('the upgrade', () => {
  test('ends the poll at once, and what follows comes on WebSocket', async (t) => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    const pending = session.poll().then((packets) => ({ packets, at: performance.now() }));
    const socket = await session.socket();
    socket.send('2probe');
    await socket.inbox.first(({ text }) => text === '3probe', '3probe');
    const probed = performance.now();
    const { packets, at } = await within(pending, 'the end of the pending poll');
    assert.deepEqual(packets, ['6']);
    t.diagnostic(`from 3probe to the end of the pending poll: ${(at - probed).toFixed(1)} ms (meant: under 50)`);
    assert.ok(at - probed < 2000);

    socket.send('5');
    const [header] = event([]);
    socket.send(header);
    socket.send(connectPacket());
    const { bytes } = await socket.inbox.first((frame) => frame.bytes, 'CONNACK');
    assert.deepEqual(bytes, kConnected);
    assert.equal((await request(broker, session.url)).status, 400, 'polling is over');
    socket.close();
  });

  test('an event may have its header on polling and its attachment on WebSocket', async () => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    const socket = await session.socket();
    socket.send('2probe');
    await socket.inbox.first(({ text }) => text === '3probe', '3probe');
    await session.post(event([])[0]);
    socket.send('5');
    socket.send(connectPacket());
    const { bytes } = await socket.inbox.first((frame) => frame.bytes, 'CONNACK');
    assert.deepEqual(bytes, kConnected);
    socket.close();
  });

  test('a probe that gives up leaves the polling session alone', async () => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    const socket = await session.socket();
    socket.send('2probe');
    await socket.inbox.first(({ text }) => text === '3probe', '3probe');
    socket.close();
    await within(socket.closed, 'the end of the WebSocket');
    await session.send(connectPacket());
    assert.deepEqual(await session.receive(), kConnected);
  });
});

describe('a long poll', () => {
  test('holds header and attachment of an event together', async () => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    const pending = session.poll();
    await session.send(connectPacket());
    assert.deepEqual(await pending, event(kConnected));
  });

  test('events of one byte each make one MQTT packet', async () => {
    const session = await PollingSession.open(broker);
    await session.join('/mqtt');
    await session.post(...[...connectPacket()].flatMap((byte) => event([byte])).slice(0, 32));
    await session.post(...[...connectPacket()].flatMap((byte) => event([byte])).slice(32));
    assert.deepEqual(await session.receive(), kConnected);
  });
});

describe('the pages', () => {
  for (const name of ['socket.io.js', 'socket.io.min.js']) {
    test(`/socket.io/${name} is JavaScript`, async () => {
      const { status, headers, body } = await request(broker, `/socket.io/${name}`);
      assert.equal(status, 200);
      assert.match(headers['content-type'], /^(application|text)\/javascript/);
      assert.ok(body.length > 10_000);
    });
  }

  test('/demo asks nobody else for anything', async () => {
    const { status, headers, body } = await request(broker, '/demo');
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/html/);
    assert.doesNotMatch(body, /(src|href)="?(https?:)?\/\//);
  });

  test('the WebSocket address says what it is to a browser that only looks', async () => {
    const { status, body } = await request(broker, '/mqtt');
    assert.equal(status, 426);
    assert.match(body, /WebSocket/);
  });

  for (const protocol of ['mqtt', 'mqttv3.1']) {
    test(`WebSocket at /mqtt agrees on ${protocol}`, async () => {
      const socket = await openSocket(broker, '/mqtt', { protocols: [protocol] });
      assert.equal(socket.protocol, protocol);
      socket.send(connectPacket());
      const { bytes } = await socket.inbox.first((frame) => frame.bytes, 'CONNACK');
      assert.deepEqual(bytes, kConnected);
      socket.close();
    });
  }
});

describe('the first run trusts only this computer', () => {
  for (const path of ['/demo', '/socket.io/?EIO=4&transport=polling']) {
    test(`${path} under a foreign name is refused`, async () => {
      const { status } = await request(broker, path, { headers: { host: 'rebound.example:8080' } });
      assert.equal(status, 403);
    });
  }

  for (const header of ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'Via']) {
    test(`${header} makes it somebody else's connection: anonymous MQTT is refused`, async () => {
      const socket = await openSocket(broker, '/mqtt', { protocols: ['mqtt'], headers: { [header]: '203.0.113.9' } });
      socket.send(connectPacket());
      const { bytes } = await socket.inbox.first((frame) => frame.bytes, 'CONNACK');
      assert.deepEqual(bytes, kNotAuthorized);
    });
  }

  test('the same over Socket.IO', async () => {
    const session = await PollingSession.open(broker, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    await session.join('/mqtt');
    await session.send(connectPacket());
    assert.deepEqual(await session.receive(), kNotAuthorized);
  });
});

describe('the MQTT port', () => {
  test('tells a browser where it is', async () => {
    const socket = net.connect(broker.mqttPort, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => (answer += text));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const closed = new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
    await within(closed, 'the end of the connection');
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /MQTT port/);
    assert.ok(answer.includes(`${broker.webPort}`), 'it names the web port');
  });
});
