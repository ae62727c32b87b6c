import type { Identity } from './identity.js';

/** What `tls.connect` and the MQTT client need to prove who the device is and to know its province. */
export interface DeviceTlsOptions {
  readonly minVersion: 'TLSv1.2';
  readonly key: string;
  readonly cert: string;
  /** The anchors alone: naming any replaces the system's store. */
  readonly ca: string[];
  readonly rejectUnauthorized: true;
}

/**
 * TLS options of a device, TLS 1.2 or 1.3 (RFC 9325). `key` is the private key's text: hand them on, never log them.
 * The host is checked by Node against the broker's subjectAltName.
 */
export function tlsOptions(identity: Identity): DeviceTlsOptions {
  return {
    minVersion: 'TLSv1.2',
    key: identity.privateKeyPem(),
    cert: identity.certificatePem,
    ca: [...identity.anchorsPem],
    rejectUnauthorized: true,
  };
}
