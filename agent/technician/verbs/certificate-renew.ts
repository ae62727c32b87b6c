import { askReceiver } from '../client.js';
import { folded } from '../columns.js';
import { say } from '../texts.js';
import { EXIT, wantNoMore, type VerbContext } from '../verb.js';

/** `loa certificate renew`: the running receiver renews now, whatever the certificate's age. */
export async function renew({ config, language, json, print }: VerbContext, args: string[]): Promise<number> {
  wantNoMore(args);
  await askReceiver(config.socketPath, 'POST', '/v1/renew', {});
  print(json ? JSON.stringify({ renewing: true }) : folded(say('renewing', language)));
  return EXIT.done;
}
