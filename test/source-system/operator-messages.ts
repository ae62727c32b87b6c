import { LoaError } from '../../agent/core/errors.js';
import { storedMessage, type StoredMessage } from '../../protocols/messages/desired.js';
import { send, served, type Desk } from './operator-verbs.js';

/** `messages`: the numbered messages that a receiver keeps for emergencies, all of them; permitted are all hours. */
export async function messages({ args, folder, say }: Desk): Promise<void> {
  const receiver = args.needed('receiver');
  const kept: StoredMessage[] = [];
  for (const one of args.list('keep')) {
    const [, number = '', language = '', path = ''] = /^(\d{1,4})\.([a-z]{2,3})=(.+)$/.exec(one) ?? [];
    if (path === '') throw new LoaError('E_USAGE', `--keep ${one}: NUMBER.LANGUAGE=FILE`);
    kept.push(storedMessage.parse({ number: Number(number), language, ...(await served(folder, path)) }));
  }
  const publication = await folder.province.desired(receiver, { messages: kept });
  await send(folder, publication);
  say(`Published on ${publication.topic}: ${kept.length} messages`);
}
