/** Where a workflow file and what it names are: on this machine, or on the file system of a cluster. Pure. */

import * as machine from 'node:path';
import { posix } from 'node:path';
import type { WorkflowFile } from '../protocol/workflows.ts';

export interface FilePlace {
  /** Absolute there. */
  readonly path: string;
  /** Absent: this machine. */
  readonly cluster?: string;
}

export function placeOf({ file, fileCluster }: WorkflowFile): FilePlace {
  return { path: file, ...(fileCluster === undefined ? {} : { cluster: fileCluster }) };
}

/** As a run is told it, and keeps it. */
export function fileAt({ path, cluster }: FilePlace): WorkflowFile {
  return { file: path, ...(cluster === undefined ? {} : { fileCluster: cluster }) };
}

/** What the file at `place` means by `path`. */
export function beside(place: FilePlace, path: string): FilePlace {
  const { dirname, resolve } = pathsOf(place);
  return { ...place, path: resolve(dirname(place.path), path) };
}

export function folderOf(place: FilePlace): FilePlace {
  return { ...place, path: pathsOf(place).dirname(place.path) };
}

/** For people. */
export function placeWords({ path, cluster }: FilePlace): string {
  return cluster === undefined ? path : `${path} on ${cluster}`;
}

const pathsOf = ({ cluster }: FilePlace) => (cluster === undefined ? machine : posix);
