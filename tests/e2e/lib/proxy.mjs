// Real reverse proxies in front of the broker's web port, set up as people set them up, well and badly.
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Program, freePort, scratch } from './program.mjs';
import { until } from './wait.mjs';

const haproxy = (port, target, rules) => `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend web
  bind 127.0.0.1:${port}
${rules.map((rule) => `  ${rule}`).join('\n')}
  default_backend broker
backend broker
  server broker 127.0.0.1:${target}
`;

// The temporary paths keep it inside its own directory; as root its workers stay root, which owns that directory.
const nginx = (port, target, rules) => `
daemon off;
pid nginx.pid;
error_log error.log;
${userInfo().uid === 0 ? 'user root;' : ''}
events {}
http {
  access_log access.log;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
${rules.map((rule) => `      ${rule}`).join('\n')}
    }
  }
}
`;

/** Each proxy: does a WebSocket get through it, and how is it configured. */
export const proxies = {
  'HAProxy that passes the upgrade': { websocket: true, command: 'haproxy', configure: haproxy, rules: [] },
  'HAProxy that strips the upgrade': {
    websocket: false,
    command: 'haproxy',
    configure: haproxy,
    rules: ['http-request del-header Upgrade', 'http-request del-header Connection'],
  },
  'HAProxy that refuses WebSocket': {
    websocket: false,
    command: 'haproxy',
    configure: haproxy,
    rules: ['http-request deny deny_status 403 if { req.hdr(Upgrade) -i websocket }'],
  },
  'nginx that passes the upgrade': {
    websocket: true,
    command: 'nginx',
    configure: nginx,
    rules: [
      'proxy_http_version 1.1;',
      'proxy_set_header Host $http_host;',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection $connection_upgrade;',
    ],
  },
  // The default of a bare proxy_pass: HTTP/1.0, no Upgrade, another Host.
  'nginx as it comes': { websocket: false, command: 'nginx', configure: nginx, rules: [] },
  'nginx that refuses WebSocket': {
    websocket: false,
    command: 'nginx',
    configure: nginx,
    rules: ['if ($http_upgrade) { return 400; }', 'proxy_http_version 1.1;', 'proxy_set_header Connection "";'],
  },
};

const arguments_ = {
  haproxy: (directory, file) => ['-db', '-f', file],
  nginx: (directory, file) => ['-p', directory, '-c', file, '-e', 'error.log'],
};

export class Proxy {
  static async start(name, targetPort) {
    const { command, configure, rules } = proxies[name];
    const proxy = new Proxy();
    const directory = scratch(command);
    const file = join(directory, `${command}.conf`);
    proxy.port = await freePort();
    proxy.origin = `http://127.0.0.1:${proxy.port}`;
    writeFileSync(file, configure(proxy.port, targetPort, rules));
    proxy.program = new Program(command, arguments_[command](directory, file), { cwd: directory });
    await until(() => {
      proxy.program.assertAlive();
      return accepts(proxy.port);
    }, () => `${name} accepts${proxy.program.said}`);
    return proxy;
  }

  async stop() {
    await this.program.end('SIGTERM');
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
