/**
 * The ways in which files go to a cluster, over a real sshd on loopback by Vigil's own SSH client: 2,000 small files and one large
 * one, as near as it gets and with the round trip of another town; then the large one again after a part of it has changed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSsh } from '../engine/clusters/connect-ssh.ts';
import type { Connection } from '../engine/clusters/connection.ts';
import { silentLogger } from '../engine/logger.ts';
import { listedFiles } from '../engine/uploads/listed-files.ts';
import { rsyncUpload } from '../engine/uploads/rsync-upload.ts';
import { sftpUpload } from '../engine/uploads/sftp-upload.ts';
import { tarUpload } from '../engine/uploads/tar-upload.ts';
import type { UploadWay } from '../engine/uploads/upload-way.ts';
import { delayedPort } from './lib/delayed-port.ts';
import { startFakeCluster, whyNoCluster } from './lib/fake-cluster.ts';
import { type Figure, report } from './lib/figures.ts';

const smallFiles = 2000;
const largeBytes = 100e6;
const changedBytes = 1e6;
const roundTripMs = 40;

async function open(sshConfigFile: string, directory: string): Promise<Connection> {
  const prompter = {
    input: async () => undefined,
    confirmHostKey: async () => false,
    tell: () => {},
  };
  const settings = { name: 'bench', host: 'bench', transport: 'ssh2' } as const;
  const options = { settings, sshConfigFile, directory, environment: process.env, log: silentLogger };
  return connectSsh(options, prompter, AbortSignal.timeout(60_000));
}

/** Seconds that it takes to send the entry to an own folder of the cluster. */
async function seconds(way: UploadWay, connection: Connection, folder: string, entry: string, target: string) {
  const files = await listedFiles(folder, [entry]);
  const began = performance.now();
  const { sent } = await way.send({
    connection,
    cluster: 'bench',
    folder,
    files,
    target,
    signal: AbortSignal.timeout(600_000),
    onProgress: () => {},
  });
  if (sent.files !== files.length) throw new Error(`${way.name} sent ${sent.files} of ${files.length} files`);
  return (performance.now() - began) / 1000;
}

async function measure(folder: string, distance: string, connection: Connection): Promise<Figure[]> {
  const figures: Figure[] = [];
  const times = new Map<string, number>();
  for (const way of [sftpUpload, tarUpload, rsyncUpload]) {
    const why = await way.whyNot(connection);
    if (why !== undefined) {
      console.log(`skipped: ${way.name}: ${why}`);
      continue;
    }
    const target = join(folder, `there ${distance} ${way.name}`);
    const record = (what: string, value: number) => {
      const peer = times.get(what);
      if (peer === undefined) times.set(what, value);
      const beside = peer === undefined ? {} : { peer: { name: 'SFTP', value: peer } };
      figures.push({ what: `${what}, ${distance}, ${way.name}`, value, unit: 's', ...beside });
    };
    const here = join(folder, 'here');
    record(`${smallFiles} small files`, await seconds(way, connection, here, 'small', target));
    record(`${largeBytes / 1e6} MB`, await seconds(way, connection, here, 'large', target));
    changeLarge(here);
    record(`the same, 1 MB changed`, await seconds(way, connection, here, 'large', target));
    rmSync(target, { recursive: true });
  }
  return figures;
}

/** Something that does not repeat itself. */
function noise(bytes: number, seed: number): Buffer {
  const data = Buffer.alloc(bytes);
  for (let at = 0, state = seed; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data.writeUInt32LE(state, at);
  }
  return data;
}

let version = 1;
function changeLarge(here: string): void {
  version += 1;
  const path = join(here, 'large');
  const data = readFileSync(path);
  noise(changedBytes, version).copy(data, data.length / 2);
  writeFileSync(path, data);
  utimesSync(path, 1_700_000_000 + version, 1_700_000_000 + version);
}

const why = whyNoCluster();
if (why) {
  console.log(`skipped: ${why}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-uploads-'));
  const cluster = await startFakeCluster();
  try {
    for (let index = 0; index < smallFiles; index++) {
      const parent = join(folder, 'here', 'small', `part-${index % 20}`);
      mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, `file-${index}.py`), noise(2000 + (index % 7) * 500, index + 1));
    }
    writeFileSync(join(folder, 'here', 'large'), noise(largeBytes, 1));
    const configuration = readFileSync(cluster.sshConfigFile, 'utf8');
    const port = Number(/Port (\d+)/.exec(configuration)?.[1]);
    const figures: Figure[] = [];
    for (const delayMs of [0, roundTripMs]) {
      const via = await delayedPort(port, delayMs);
      const config = join(folder, `ssh_config-${delayMs}`);
      const alias = `  HostKeyAlias [127.0.0.1]:${port}\n`;
      writeFileSync(config, configuration.replace(`Port ${port}`, `Port ${via.port}`) + alias);
      const connection = await open(config, folder);
      figures.push(...(await measure(folder, delayMs === 0 ? 'near' : `${delayMs} ms`, connection)));
      await connection.close();
      via.close();
    }
    report('Uploads, from the first look to the last file in its place', figures);
  } finally {
    await cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
