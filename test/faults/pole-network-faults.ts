import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import { systemClock } from '../../agent/core/clock.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { freePort } from '../support/free-port.js';
import type { PoleBench } from './pole-bench.js';
import type { PoleFault } from './pole-fault.js';

const DAY_MS = 86_400_000;

/** Another mosquitto in place of the province's, with a certificate and anchors of its own. */
function broker(
  name: string,
  make: (bench: PoleBench) => Promise<{ certificatePem: string; keyPem: string; ca?: string }>,
): Pick<PoleFault, 'seed' | 'mend'> {
  let mosquitto: Mosquitto | undefined;
  return {
    async seed(bench) {
      const { certificatePem, keyPem, ca } = await make(bench);
      const folder = join(bench.folder, name);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'ca.pem'), ca ?? (await bench.authority()).identity.certificatePem);
      await writeFile(join(folder, 'server.pem'), certificatePem);
      await writeFile(join(folder, 'server.key'), keyPem, { mode: 0o600 });
      mosquitto = await Mosquitto.prepare({ folder });
      await mosquitto.start();
      await bench.leadAway(mosquitto.port);
      return undefined;
    },
    async mend(bench) {
      await mosquitto?.remove();
      await bench.leadHome();
    },
  };
}

let dead: ReturnType<typeof createSocket> | undefined;
let portal: Server | undefined;

/** In a network namespace of its own, with what these commands make there. */
function namespace(commands: string): NonNullable<PoleFault['seed']> {
  return async (bench) => {
    await bench.leadAway(await freePort());
    const configPath = await bench.otherConfig('away', (settings) => {
      settings['broker'] = { ...settings['broker'], host: '192.0.2.9' };
    });
    return {
      configPath,
      words: [
        'unshare',
        '--net',
        '--mount',
        'sh',
        '-c',
        `mount -t sysfs sysfs /sys; ${commands} exec "$@"`,
        'sh',
      ],
    };
  };
}

const home = { mend: (bench: PoleBench): Promise<unknown> => bench.leadHome() };

/** Faults between the port and the broker, each by the part itself. */
export const NETWORK_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'no network port up', part: 'real', code: 'E_NETWORK_DOWN', remedy: /cable/, ...home },
    seed: namespace(''),
  },
  {
    ...{ name: 'no address', part: 'real', code: 'E_NETWORK_ADDRESS', remedy: /DHCP/, ...home },
    seed: namespace(
      'ip link add v0 type veth peer name v1; sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null; ip link set v1 up; ip link set v0 up;',
    ),
  },
  {
    ...{ name: 'no way out', part: 'real', code: 'E_NETWORK_ROUTE', remedy: /router/, ...home },
    seed: namespace(
      'ip link add v0 type veth peer name v1; ip link set v1 up; ip link set v0 up; ip addr add 10.9.9.2/24 dev v0;',
    ),
  },
  {
    ...{ name: 'DNS dead', part: 'real', code: 'E_LINK_DNS', remedy: /DNS server/ },
    async seed(bench) {
      // A resolver that takes every question and answers none.
      dead = createSocket('udp4').on('message', () => undefined);
      dead.bind(53, '127.0.0.99');
      await once(dead, 'listening');
      await bench.leadAway(await freePort());
      const folder = join(bench.folder, 'dns');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.99\noptions timeout:2 attempts:2\n');
      const configPath = await bench.otherConfig('named', (settings) => {
        settings['broker'] = { ...settings['broker'], host: 'mqtt.tinh.example' };
      });
      return {
        configPath,
        words: [
          'unshare',
          '--mount',
          'sh',
          '-c',
          `mount --bind ${folder}/resolv.conf /etc/resolv.conf; exec "$@"`,
          'sh',
        ],
      };
    },
    async mend(bench) {
      dead?.close();
      await bench.leadHome();
    },
  },
  {
    ...{ name: 'port closed', part: 'real', code: 'E_LINK_CONNECT', remedy: /port 8883/, ...home },
    async seed(bench) {
      const port = await freePort();
      await bench.leadAway(port);
      return {
        configPath: await bench.otherConfig('closed', (settings) => {
          settings['broker'] = { ...settings['broker'], port };
        }),
      };
    },
  },
  {
    ...{ name: 'captive portal', part: 'real', code: 'E_LINK_PORTAL', remedy: /log in to that network/ },
    async seed(bench) {
      portal = createServer().listen(0, '127.0.0.1');
      // What it reads is no HTTP: a portal answers all the same.
      portal.on('clientError', (_error, socket) =>
        socket.end('HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n'),
      );
      await once(portal, 'listening');
      await bench.leadAway((portal.address() as AddressInfo).port);
      return undefined;
    },
    async mend(bench) {
      portal?.close();
      await bench.leadHome();
    },
  },
  {
    ...{ name: 'server of a foreign CA', part: 'real', code: 'E_SERVER_FOREIGN', remedy: /stands between/ },
    ...broker('stranger', async () =>
      (await CertificateAuthority.create(systemClock, 'Stranger CA')).issueServer(),
    ),
  },
  {
    ...{ name: "server's certificate expired", part: 'real', code: 'E_SERVER_EXPIRED', remedy: /renew/ },
    ...broker('expired', async (bench) =>
      (await bench.authority()).issueServer({
        notBefore: new Date(Date.now() - 9 * DAY_MS),
        notAfter: new Date(Date.now() - DAY_MS),
      }),
    ),
  },
  {
    ...{
      name: "server's certificate bears another name",
      part: 'real',
      code: 'E_SERVER_NAME',
      remedy: /broker\.host/,
    },
    async seed(bench) {
      await bench.leadAway(await freePort());
      // A name that leads here and stands in no certificate.
      const hosts = join(bench.folder, 'hosts');
      await writeFile(hosts, '127.0.0.1 localhost mqtt.tinh.example\n');
      const configPath = await bench.otherConfig('other-name', (settings) => {
        settings['broker'] = {
          ...settings['broker'],
          host: 'mqtt.tinh.example',
          port: bench.rig.mosquitto.port,
        };
      });
      return {
        configPath,
        words: ['unshare', '--mount', 'sh', '-c', `mount --bind ${hosts} /etc/hosts; exec "$@"`, 'sh'],
      };
    },
    ...home,
  },
  {
    ...{ name: 'server does not take the device', part: 'real', code: 'E_DEVICE_REFUSED', remedy: /enrol/ },
    ...broker('other-clients', async (bench) => ({
      ...(await (await bench.authority()).issueServer()),
      ca: (await CertificateAuthority.create(systemClock, 'Stranger CA')).identity.certificatePem,
    })),
  },
  {
    ...{ name: 'access list denies', part: 'real', code: 'E_LINK_RIGHTS', remedy: /access list/ },
    async seed({ rig }) {
      const path = join(rig.mosquitto.folder, 'acl');
      await copyFile(path, `${path}.well`);
      await writeFile(path, 'pattern write loa/v1/receiver/%u/#\n');
      rig.mosquitto.reload();
      await sleep(500);
      return undefined;
    },
    async mend({ rig }) {
      const path = join(rig.mosquitto.folder, 'acl');
      await copyFile(`${path}.well`, path);
      rig.mosquitto.reload();
      await sleep(500);
    },
  },
  {
    ...{ name: 'slow link', part: 'real', code: 'E_LINK_SLOW', remedy: /throttled/ },
    async seed(bench) {
      bench.board.behave({ delayMs: 1_800 });
      return undefined;
    },
    mend: async (bench) => {
      bench.board.behave({});
      await bench.leadHome();
    },
  },
];
