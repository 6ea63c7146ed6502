/** Reads the files of workflows from where they are. */
import { readFile } from 'node:fs/promises';
import type { FileAddress } from '../protocol/file-system.ts';
import type { FilePlace } from './file-place.ts';

/** @param ofCluster the text of a file of a cluster; rejects where it cannot be had */
export function placedTexts(ofCluster: (address: FileAddress) => Promise<string>) {
  return ({ path, cluster }: FilePlace): Promise<string> =>
    cluster === undefined ? readFile(path, 'utf8') : ofCluster({ cluster, path });
}
