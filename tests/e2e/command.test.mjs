// The command line: what a person types by mistake, asks for, and how the broker ends.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Broker, run } from './lib/broker.mjs';
import { connect, disconnect, kClasses, subscribe } from './lib/clients.mjs';
import { RawClient } from './lib/raw.mjs';
import { until, within } from './lib/wait.mjs';

test('a wrong flag gets a suggestion and exit code 2', async () => {
  const { code, stderr } = await run('serve', '--prot', '5');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /did you mean/i);
  assert.match(stderr, /--port/);
});

test('a wrong command gets a suggestion and exit code 2', async () => {
  const { code, stderr } = await run('sevre');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /did you mean/i);
  assert.match(stderr, /serve/);
});

test('mqttio version', async () => {
  const { code, stdout } = await run('version');
  assert.equal(code, 0);
  assert.match(stdout, /\b0\.\d+\.\d+\b/);
});

test('mqttio --help names the commands', async () => {
  const { code, stdout } = await run('--help');
  assert.equal(code, 0);
  assert.match(stdout, /serve/);
  assert.match(stdout, /version/);
});

test('a port in use is named, with exit code 1', async () => {
  const broker = await Broker.start();
  const { code, stderr } = await run('serve', '-p', `${broker.mqttPort}`, '--http-port', '0');
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${broker.mqttPort}`));
  assert.match(stderr, /: address already in use\n/);
  assert.match(stderr, new RegExp(`--port ${broker.mqttPort + 1}\\b`));
  await broker.stop();
});

test('the last of all ports in use gets a hint at one that exists', async () => {
  const holder = createServer().listen(65535, '127.0.0.1');
  await once(holder, 'listening').catch(() => {}); // Whoever holds it, it is in use.
  const { stderr } = await run('serve', '-p', '65535', '--http-port', '0');
  assert.match(stderr, /--port 65534\b/);
  holder.close();
});

test('a short flag that nobody takes gets a hint', async () => {
  for (const [words, hint] of [
    [['-h'], /did you mean `--help`\?/],
    [['serve', '-h'], /did you mean `--help`, or `--bind ADDRESS`\? `-h` is the host in client commands/],
    [['serve', '-h', '0.0.0.0'], /--bind/],
    [['serve', '-d'], /did you mean `--dev`\?/],
    [['serve', '-x'], /see --help/],
  ]) {
    const { code, stderr } = await run(...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, hint);
  }
});

test('the lines to try work as they are written', async () => {
  const has6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1');
  for (const address of ['127.0.0.1', '0.0.0.0', ...(has6 ? ['::1', '::'] : [])]) {
    const broker = await Broker.start('--bind', address);
    await until(() => broker.program.said.includes('ready in'), () => `the banner${broker.program.said}`);
    const line = /mosquitto_pub .*/.exec(broker.program.said)[0];
    await promisify(execFile)('sh', ['-c', line]);
    await broker.stop();
  }
});

test('the banner tells the addresses, the ready file tells programs', async () => {
  const broker = await Broker.start();
  const web = `http://127.0.0.1:${broker.webPort}`;
  for (const address of [`mqtt://127.0.0.1:${broker.mqttPort}`, `${web}/socket.io/`, `${web}/demo`]) {
    await until(() => broker.program.said.includes(address), () => `${address} in the banner${broker.program.said}`);
  }
  assert.equal(broker.pid, broker.program.pid);
  assert.deepEqual(broker.ready.listeners.map(({ name, address }) => [name, address]),
    [['mqtt', '127.0.0.1'], ['web', '127.0.0.1']]);
  assert.equal(statSync(broker.readyFile).mode & 0o777, 0o600);
  await broker.stop();
});

test('SIGTERM ends it with code 0, whoever is connected', { timeout: 60_000 }, async () => {
  const broker = await Broker.start();
  const clients = await Promise.all(kClasses.map((transport) => connect(broker, transport)));
  const silent = await RawClient.open(broker, 4); // Never says CONNECT.
  await broker.stop();
  await within(Promise.all([silent.closed, ...clients.map(({ closed }) => closed)]), 'close of every client');
  for (const client of clients) client.end(true);
});

test('SIGTERM: those who are still there hear the wills of the others', { timeout: 60_000 }, async () => {
  const broker = await Broker.start();
  const witness = await connect(broker, 'tcp');
  await subscribe(witness, 'gone/#', 1);
  for (const transport of kClasses) {
    await connect(broker, transport, { will: { topic: `gone/${transport}`, payload: 'bye', qos: 1, retain: false } });
  }
  await broker.stop();
  await within(witness.closed, 'the end of the witness');
  const topics = witness.inbox.all.map(({ topic }) => topic);
  assert.deepEqual(topics.sort(), kClasses.map((transport) => `gone/${transport}`).sort());
});

test('no descriptor left: it says so, and goes on when there is one', { timeout: 60_000 }, async () => {
  const broker = await Broker.start();
  const open = readdirSync(`/proc/${broker.pid}/fd`).length;
  execFileSync('prlimit', ['--pid', `${broker.pid}`, `--nofile=${open + 3}`]);
  const clients = [];
  for (let i = 0; i < 6; i++) clients.push(await RawClient.open(broker, 4));
  await until(() => /no descriptor is left/.test(broker.program.said), () => `a warning${broker.program.said}`);
  for (const client of clients) await client.hangUp();
  await disconnect(await connect(broker, 'tcp'));
  await broker.stop();
});
