/** Debian's names of the processor architectures that there is a package for. */
export const ARCHITECTURES = ['amd64', 'arm64', 'armhf'] as const;

/** One of {@link ARCHITECTURES}. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** A package that is made: for which Debian, and where its Node comes from. */
export interface Target {
  readonly architecture: Architecture;
  /** Release of Debian. */
  readonly debian: 12 | 13;
  /** True where the package carries its own Node, because Debian's (18) is too old. */
  readonly carriesNode: boolean;
}

/**
 * Every package. There is none for armhf on Debian 12: Debian's Node is 18 there, and no newer one is published for that
 * processor in a form that a package could carry.
 */
export const TARGETS: readonly Target[] = [
  { architecture: 'amd64', debian: 12, carriesNode: true },
  { architecture: 'arm64', debian: 12, carriesNode: true },
  { architecture: 'amd64', debian: 13, carriesNode: false },
  { architecture: 'arm64', debian: 13, carriesNode: false },
  { architecture: 'armhf', debian: 13, carriesNode: false },
];

/** A target by its name, `ARCHITECTURE-DEBIAN`: `arm64-13`. */
export function targetOf(name: string): Target | undefined {
  return TARGETS.find((target) => nameOf(target) === name);
}

/** The name of a target: `arm64-13`. */
export function nameOf({ architecture, debian }: Target): string {
  return `${architecture}-${debian}`;
}

/** Whether a word is one of {@link ARCHITECTURES}. */
export function isArchitecture(word: string): word is Architecture {
  return (ARCHITECTURES as readonly string[]).includes(word);
}
