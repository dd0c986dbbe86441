// The product itself: started on free ports, watched, stopped as an operator would.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, scratch } from './program.mjs';
import { until } from './wait.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));

/** The binary under test. */
export const kBinary = resolve(here, process.env.MQTTIO_BIN ?? '../../build/release/mqttio');

/** Runs one command to its end. */
export async function run(...args) {
  const program = new Program(kBinary, args, { cwd: scratch('run') });
  return { ...(await program.end()), stdout: program.stdout, stderr: program.stderr };
}

export class Broker {
  /** Extra arguments go to `mqttio serve`; none at all is the zero-config run. */
  static async start(...extra) {
    const broker = new Broker();
    const directory = scratch('broker');
    const ready = (broker.readyFile = join(directory, 'ready.json'));
    const args = ['serve', '-p', '0', '--http-port', '0', '--ready-file', ready, ...extra];
    broker.program = new Program(kBinary, args, { cwd: directory });
    broker.ready = await until(() => {
      broker.program.assertAlive();
      return readJson(ready);
    }, () => `ready file of the broker${broker.program.said}`);
    return broker;
  }

  get pid() {
    return this.ready.pid;
  }

  /** Port of the listener that speaks `protocol`: mqtt, ws, socketio, http. */
  port(protocol) {
    const listener = this.ready.listeners.find(({ protocols }) => protocols.includes(protocol));
    assert.ok(listener, `no listener speaks ${protocol}: ${JSON.stringify(this.ready.listeners)}`);
    return listener.port;
  }

  get mqttPort() {
    return this.port('mqtt');
  }

  get webPort() {
    return this.port('socketio');
  }

  get origin() {
    return `http://127.0.0.1:${this.webPort}`;
  }

  /** Resident memory in bytes, as the kernel counts it. */
  residentBytes() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  }

  /** The process stands still meanwhile: all that `work` sends is found at once, in the order in which it came. */
  async frozen(work) {
    process.kill(this.pid, 'SIGSTOP');
    try {
      await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${this.pid}/status`, 'utf8')), 'a stop of the broker');
      return await work();
    } finally {
      process.kill(this.pid, 'SIGCONT');
    }
  }

  /** SIGTERM must end it cleanly, whoever is connected. */
  async stop() {
    const { code, signal } = await this.program.end('SIGTERM');
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the broker did not end cleanly${this.program.said}`);
  }
}

// The file is written atomically, but may not be there yet.
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
