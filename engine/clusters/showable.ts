/** Text from outside (a server, a command), as it may be shown to people. */

/** Control characters (escape sequences, say) and changes of direction taken out; at most 4000 characters. */
export function showable(text: string): string {
  const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  return text.replace(/\r\n?/g, '\n').replace(unsafe, '').trim().slice(0, 4000);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
