import t from 'tap';
import { parseStrictJson } from '../../../protocols/strict-json.js';

const refusedTexts: Record<string, string | Uint8Array> = {
  'a key twice': '{"a":1,"a":2}',
  'a key twice with the same value': '{"a":1,"a":1}',
  'a key twice with values equal to us alone': '{"a":1,"a":1.0}',
  'a key twice, once escaped': '{"a":1,"\\u0061":2}',
  'a key twice inside': '{"x":[{"b":{"c":0,"d":0,"c":0}}]}',
  'an empty key twice': '{"":1,"":2}',
  'a numeric key twice': '{"1":1,"1":2}',
  __proto__: '{"__proto__":{"x":1}}',
  '__proto__, escaped': '{"a":{"\\u005f_proto__":1}}',
  '33 levels': '['.repeat(33) + ']'.repeat(33),
  'a hundred thousand levels': '['.repeat(100_000),
  'a byte order mark': Buffer.from('\uFEFF{}'),
  'invalid UTF-8': Buffer.from([0x22, 0xc3, 0x28, 0x22]),
  'UTF-8 of a surrogate': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  'an overlong slash': Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
  'two values': '{} {}',
  nothing: '',
  'a comment': '{} // no',
  'a trailing comma': '{"a":1,}',
  NaN: '{"a":NaN}',
  'an unfinished string': '{"a":"',
};

for (const [what, text] of Object.entries(refusedTexts)) {
  t.test(`JSON with ${what} is refused`, (t) => {
    t.match(parseStrictJson(text), { ok: false, refusal: { code: 'E_MESSAGE_GARBAGE' } });
    t.end();
  });
}

const acceptedTexts = [
  '{"a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":1}]}',
  '{"a:b":"c:d{[","e\\"":":","\\\\":1}',
  '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  '["a","a",{"0":1,"1":2}]',
  '{"2":1,"1":2,"a":{"length":3}}',
  '"\\u0061:"',
  ' 1 ',
  '{"á":"Bản tin sáng"}',
  '['.repeat(32) + ']'.repeat(32),
];

for (const text of acceptedTexts) {
  t.test(`JSON that is in order is read as JSON.parse reads it: ${text.slice(0, 40)}`, (t) => {
    t.same(parseStrictJson(text), { ok: true, value: JSON.parse(text) as unknown });
    t.same(parseStrictJson(Buffer.from(text)), { ok: true, value: JSON.parse(text) as unknown });
    t.end();
  });
}

t.test('a refusal quotes no control characters of the text', (t) => {
  const result = parseStrictJson('\u001b[31mred\u202e');
  t.equal(result.ok, false);
  if (!result.ok) t.notMatch(result.refusal.detail, /[\p{Cc}\p{Cf}]/u);
  t.end();
});
