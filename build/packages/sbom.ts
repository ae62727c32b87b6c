import { createHash } from 'node:crypto';
import type { Component } from './component.js';
import type { Release } from './release.js';

/** What a bill of materials is about. */
export interface SbomSubject {
  readonly release: Release;
  /** Version of the Debian package, and its architecture. */
  readonly packageVersion: string;
  readonly architecture: string;
  readonly components: readonly Component[];
}

/**
 * The bill of materials as CycloneDX 1.6 in JSON (ECMA-424): everything in the package that is not ours. The same package
 * has the same bill, its serial number too: that is made from the content.
 */
export function sbomOf({ release, packageVersion, architecture, components }: SbomSubject): string {
  const self = `pkg:deb/loa-agent@${encodeURIComponent(packageVersion)}?arch=${architecture}`;
  const listed = [...components].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const body = {
    version: 1,
    metadata: {
      timestamp: new Date(release.epochS * 1000).toISOString(),
      component: {
        ...{ type: 'application', 'bom-ref': self, name: 'loa-agent', version: packageVersion },
        ...{ purl: self, licenses: [{ license: { id: 'Apache-2.0' } }] },
      },
    },
    components: listed.map((component) => ({
      ...{ type: 'library', 'bom-ref': component.purl, name: component.name },
      ...{ version: component.version, purl: component.purl, scope: 'required' },
      ...(component.sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: component.sha512 }] }),
      licenses: [licenceEntry(component.licence)],
    })),
    dependencies: [
      { ref: self, dependsOn: listed.map(({ purl }) => purl) },
      ...listed.map(({ purl }) => ({ ref: purl })),
    ],
  };
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(body))}`;
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, ...body }, undefined, 1)}\n`;
}

/** A UUID of version 8 (RFC 9562): our own making, from a digest. */
function uuidOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function licenceEntry(licence: string): object {
  if (/ (?:OR|AND|WITH) /.test(licence)) return { expression: licence };
  return /^[A-Za-z0-9.+-]+$/.test(licence) && licence !== 'NOASSERTION'
    ? { license: { id: licence } }
    : { license: { name: licence } };
}

/** Debian's `copyright`: our licence, then each component with the text that it came with. */
export function copyrightOf(components: readonly Component[]): string {
  const ours = [
    'Loa is licensed under the Apache License, version 2.0: /usr/share/common-licenses/Apache-2.0.',
    'What is bundled with it, each under its own licence:',
  ];
  const theirs = [...components]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, licence, licenceText }) =>
      [
        `--- ${name} ${version} (${licence}) ---`,
        licenceText === '' ? 'Its package ships no text of its licence.' : licenceText,
      ].join('\n\n'),
    );
  return `${[...ours, ...theirs].join('\n\n')}\n`;
}
