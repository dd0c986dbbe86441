// The command line: what a person types by mistake, asks for, and how the broker ends.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Broker, run } from './lib/broker.mjs';
import { connect, kClasses } from './lib/clients.mjs';
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
  assert.match(stderr, /in use/);
  await broker.stop();
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
