/**
 * tsyringe, which @peculiar/x509 stands on, refuses to load without three functions of the old decorator metadata
 * proposal. This is the little of them that it uses; a full implementation that was loaded earlier is left alone.
 */
type Metadata = Map<unknown, unknown>;

interface ReflectWithMetadata {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

function installMetadata(reflect: ReflectWithMetadata): void {
  if (reflect.getMetadata !== undefined) return;
  const known = new WeakMap<object, Metadata>();
  reflect.getOwnMetadata = (key, target) => known.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let one: object | null = target; one !== null; one = Object.getPrototypeOf(one) as object | null) {
      if (known.get(one)?.has(key) === true) return known.get(one)?.get(key);
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const metadata: Metadata = known.get(target) ?? new Map<unknown, unknown>();
    known.set(target, metadata.set(key, value));
  };
}

installMetadata(Reflect as ReflectWithMetadata);
