import { HOST, RECEIVER, type Stage } from './stage.js';

/** A bulletin that has the air must not starve in emulation: the card's buffer is roomy, and so is the writer's lead. */
export const SOUND = {
  ...{ sink: 'alsa', device: 'plughw:0,0' },
  ...{ bufferMs: 1_000, bufferMaxMs: 1_000, leadMs: 100, livePrerollMs: 1_500 },
};

/** Its file comes with the program. */
export const BOARD = 'qemu-virt';

/** Settings of the simulated receiver, as an installer would write them. */
export function settingsFor(stage: Stage): object {
  return {
    language: 'en',
    board: BOARD,
    broker: {
      ...{
        host: HOST,
        port: stage.province.mosquitto.port,
        // The broker counts its own seconds.
        keepaliveS: 300,
        // One receiver is no crowd.
        bootSpreadS: 0,
        retryMinMs: 500,
        retryMaxMs: 3_000,
      },
    },
    sound: SOUND,
    media: { publicAnchors: false, stallMs: 6_000 },
    telemetry: { everyS: 30 },
  };
}

/** Writes a file in the receiver. */
export async function writeInGuest(stage: Stage, path: string, content: string): Promise<void> {
  const coded = Buffer.from(content).toString('base64');
  // The line to the receiver is a terminal's no more than a megabyte: a certificate fits many times.
  await stage.machine.must(`base64 -d > ${path} <<'END'\n${coded}\nEND`);
}

/** What an installer does: settings, request, the province's answer. The unit starts by itself when the certificate is there. */
export async function enrolGuest(stage: Stage): Promise<void> {
  const { machine, province } = stage;
  await writeInGuest(stage, '/etc/loa/loa.json', JSON.stringify(settingsFor(stage), undefined, 2));
  const asked = await machine.must(`loa certificate request --id ${RECEIVER} --json`);
  const { requestPem } = JSON.parse(asked) as { requestPem: string };
  const answer = await province.enrol({ id: RECEIVER, csrPem: requestPem, home: 'ap-1' });
  await writeInGuest(stage, '/root/device.crt', answer.certificatePem);
  await writeInGuest(stage, '/root/anchors.pem', answer.anchorsPem);
  await writeInGuest(stage, '/root/trust.json', answer.trustText);
  // What is signed above is minutes in the future of a receiver that was kept waiting.
  await stage.setClock();
  await machine.must(
    'loa certificate install --certificate /root/device.crt --anchors /root/anchors.pem --trust /root/trust.json ' +
      `--fingerprint ${answer.rootFingerprint}`,
  );
}
