/** A version as a package tells it: `0.1.0`, or `0.1.0+20261123.064200.g115a25d` for a state of the sources after that release. */
const VERSION = /^(\d{1,4})\.(\d{1,4})\.(\d{1,6})(?:\+(\d{8})\.(\d{6})\.[\w.]{1,20})?$/;

/** True for a text that is a version. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Which of two versions is newer: above 0 where `one` is, below 0 where `other` is, 0 where neither is. What is no version is
 * older than any. A state of the sources is newer than the release that it names, and than any of an earlier second. Pure.
 */
export function compareVersions(one: string, other: string): number {
  const left = numbersOf(one);
  const right = numbersOf(other);
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(text: string): number[] {
  const found = VERSION.exec(text);
  if (found === null) return [-1, 0, 0, 0, 0];
  return found.slice(1, 6).map((part: string | undefined) => Number(part ?? 0));
}
