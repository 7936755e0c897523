/** Certificates for servers: of an authority that is made for them and thrown away. By openssl(1), 3.0 or later. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;
const DAYS = ['-days', '30'] as const;

export interface Named {
  /** Folder in which `server.crt` and `server.key` are written. */
  readonly folder: string;
  readonly name: string;
  /** IPv4. */
  readonly address: string;
}

/** Writes `ca.crt` into a folder, and each server's certificate into its own. Nobody can sign another one afterwards. */
export async function writeCertificates(folder: string, servers: readonly Named[]): Promise<void> {
  const [authority, secret] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  const subject = ['-subj', '/CN=linkloom emulated hosts'];
  await openssl('req', '-x509', ...KEY, ...DAYS, ...subject, '-keyout', secret, '-out', authority);
  const signing = ['-CA', authority, '-CAkey', secret, '-copy_extensions', 'copy'];
  for (const [at, { folder: own, name, address }] of servers.entries()) {
    const [request, key, certificate] = ['server.csr', 'server.key', 'server.crt'].map((file) => join(own, file));
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`];
    await openssl('req', ...KEY, ...names, '-keyout', `${key}`, '-out', `${request}`);
    const serial = ['-set_serial', `${at + 2}`];
    await openssl('x509', '-req', '-in', `${request}`, ...signing, ...serial, ...DAYS, '-out', `${certificate}`);
    rmSync(`${request}`);
  }
  rmSync(secret);
}

async function openssl(...words: readonly string[]): Promise<void> {
  await execa('openssl', words, { stdin: 'ignore' });
}
