// Debian's mosquitto_pub and mosquitto_sub, as a person at a shell uses them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program, scratch } from './program.mjs';
import { Inbox, until } from './wait.mjs';

const version = (protocolVersion) => (protocolVersion === 5 ? '5' : '311');
const host = (broker) => ['-h', '127.0.0.1', '-p', `${broker.mqttPort}`];

export async function mosquittoPublish(broker, topic, payload, { qos, protocolVersion }) {
  const file = join(scratch('payload'), 'payload');
  writeFileSync(file, payload);
  const content = payload.length ? ['-f', file] : ['-n'];
  const program = new Program('mosquitto_pub',
    [...host(broker), '-V', version(protocolVersion), '-q', `${qos}`, '-t', topic, ...content]);
  const { code } = await program.end();
  assert.equal(code, 0, `mosquitto_pub failed${program.said}`);
}

/** A running mosquitto_sub with an `inbox` of {topic, payload, qos}. */
export class MosquittoSubscriber {
  inbox = new Inbox();

  static async start(broker, filter, { qos = 2, protocolVersion }) {
    const subscriber = new MosquittoSubscriber();
    // stdbuf: a message must not wait in the C library's buffer. Payloads come as hexadecimal digits.
    const program = new Program('stdbuf', ['-oL', 'mosquitto_sub', ...host(broker), '-d',
      '-V', version(protocolVersion), '-q', `${qos}`, '-t', filter, '-F', 'MESSAGE %q %t %x']);
    subscriber.program = program;
    subscriber.#readLines(program.child.stdout);
    await until(() => {
      program.assertAlive();
      return subscriber.subscribed;
    }, () => `SUBACK for mosquitto_sub${program.said}`);
    return subscriber;
  }

  async stop() {
    await this.program.end('SIGTERM');
  }

  #readLines(stdout) {
    let rest = '';
    stdout.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) this.#line(line);
    });
  }

  #line(line) {
    if (line.startsWith('Subscribed (mid')) this.subscribed = true;
    const [word, qos, topic, hex] = line.split(' ');
    if (word === 'MESSAGE') this.inbox.push({ topic, qos: Number(qos), payload: Buffer.from(hex, 'hex') });
  }
}
