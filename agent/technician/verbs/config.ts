import { readConfig } from '../../config.js';
import { LoaError } from '../../core/errors.js';
import { tellActed } from '../acted.js';
import { readSettings, typedValue, withoutSecrets, withSettings, writeSettings } from '../settings-file.js';
import { EXIT, wantNoMore, type Verb, type VerbContext } from '../verb.js';

/** `loa config show|check|set`: the settings of this device. Hours, areas and authorities are none: they come signed. */
export const configVerb: Verb = {
  summary: {
    vi: 'xem, kiểm tra, đặt cấu hình tại chỗ (khung giờ, địa bàn, quyền phát thì không)',
    en: 'show, check, set the settings (never hours, areas or who may speak)',
  },
  usage: 'config show | config check | config set KEY VALUE',
  async run(context) {
    const [what, ...args] = context.args;
    if (what === 'show') return show(context, args);
    if (what === 'check') return check(context, args);
    if (what === 'set') return set(context, args);
    throw new LoaError('E_USAGE', 'config show|check|set');
  },
};

async function show({ config, json, print, run }: VerbContext, args: string[]): Promise<number> {
  wantNoMore(args);
  const shown = withoutSecrets(config);
  print(
    json
      ? JSON.stringify({ from: run?.from ?? 'file', settings: shown })
      : JSON.stringify(shown, undefined, 2),
  );
  return EXIT.done;
}

async function check({ configPath, json, print, language }: VerbContext, args: string[]): Promise<number> {
  wantNoMore(args);
  // The same words as at the receiver's own start.
  readConfig(configPath);
  const file = configPath ?? '-';
  print(json ? JSON.stringify({ file, ok: true }) : `${file}: ${language === 'vi' ? 'hợp lệ' : 'well'}`);
  return EXIT.done;
}

async function set(
  { configPath, config, json, print, language }: VerbContext,
  args: string[],
): Promise<number> {
  const [key, value, ...more] = args;
  if (key === undefined || value === undefined || more.length > 0)
    throw new LoaError('E_USAGE', 'config set KEY VALUE');
  if (configPath === undefined) throw new LoaError('E_USAGE', 'no settings file is named: --config FILE');
  await writeSettings(configPath, withSettings(await readSettings(configPath), { [key]: typedValue(value) }));
  await tellActed(config.socketPath, `config set ${key}`);
  const again = 'systemctl restart loa';
  print(
    json
      ? JSON.stringify({ key, file: configPath })
      : `${language === 'vi' ? 'Đã ghi. Khởi động lại để có hiệu lực' : 'Written. It holds after'}: ${again}`,
  );
  return EXIT.done;
}
