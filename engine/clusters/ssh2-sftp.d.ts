/** ssh2's SFTP client, which it gives only to its own channels; `sftp-stream.ts` puts it on any stream. */
declare module 'ssh2/lib/protocol/SFTP.js' {
  import type { SFTPWrapper } from 'ssh2';

  export class SFTP {
    constructor(client: object, channel: object, options: object);
  }
  export interface SFTP extends SFTPWrapper {
    /** Bytes that came; `null`: the end. */
    push(data: Uint8Array | null): void;
    readonly _extensions: { readonly [name: string]: string };
  }
  export const STATUS_CODE: {
    readonly [name in
      | 'EOF'
      | 'NO_SUCH_FILE'
      | 'PERMISSION_DENIED'
      | 'FAILURE'
      | 'BAD_MESSAGE'
      | 'OP_UNSUPPORTED']: number;
  };
  export const OPEN_MODE: { readonly [name in 'READ' | 'WRITE' | 'APPEND' | 'CREAT' | 'TRUNC' | 'EXCL']: number };
}
