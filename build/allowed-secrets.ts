/** What looks like a secret in the repository and is none, each by its file and its beginning. */
export const ALLOWED_SECRETS: readonly { readonly where: string; readonly excerpt: string }[] = [
  // Signed messages for readers of the protocol: not secret, and their keys were thrown away when they were made.
  ...[
    'assignment',
    'desired',
    'schedule',
    'beat',
    'renew',
    'retire',
    'update',
    'emergency-cap',
    'emergency-ended',
    'emergency-message',
    'emergency-set',
    'event',
    'play-start-fallback',
    'play-start-file',
    'play-start-live',
  ]
    .concat(['play-stop', 'receipt'])
    .map((name) => ({ where: `protocols/examples/${name}.json`, excerpt: 'eyJ' })),
];
