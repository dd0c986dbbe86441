// Other programs as children: their output kept for failures, their files in a directory of their own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from './wait.mjs';

// A test file that dies must not leave programs behind, nor their files.
const running = new Set();
const directories = new Set();
process.on('exit', () => {
  for (const program of running) program.child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A directory that goes away when the test process ends. */
export function scratch(name) {
  const directory = mkdtempSync(join(tmpdir(), `mqttio-e2e-${name}-`));
  directories.add(directory);
  return directory;
}

/** A TCP port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one by themselves. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Program {
  stdout = '';
  stderr = '';

  constructor(command, args, options = {}) {
    this.name = `${command} ${args.join(' ')}`;
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of ['stdout', 'stderr']) {
      this.child[stream].setEncoding('utf8').on('data', (text) => (this[stream] += text));
    }
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.stderr += error.message; // No such program, above all.
        resolve({ code: null, signal: null });
      });
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    // A child that a failed test forgot must not keep this process alive.
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref();
    running.add(this);
    this.exited.then(() => running.delete(this));
  }

  get pid() {
    return this.child.pid;
  }

  get ended() {
    return !running.has(this);
  }

  /** What it said, for the message of a failure. */
  get said() {
    return `\n--- ${this.name}\n${(this.stdout + this.stderr).slice(-4000)}\n---`;
  }

  /** Waits for the end, by itself or by `signal`; {code, signal} as the kernel tells. */
  async end(signal) {
    if (signal && !this.ended) this.child.kill(signal);
    try {
      return await within(this.exited, () => `end of program${this.said}`);
    } catch (late) {
      this.child.kill('SIGKILL');
      throw late;
    }
  }

  /** Refuses to wait longer for something when the program is gone. */
  assertAlive() {
    if (this.ended) throw new Error(`the program ended too early${this.said}`);
  }
}
