/**
 * The program that follows files on a cluster: many files over one channel. It reads commands on stdin and ends when
 * stdin does, so a broken connection leaves nothing behind. Needs only Python 3.6's standard library.
 *
 * Commands, a line each: `+ ID OFFSET PATH` (PATH in base64), `- ID`, `? ID` (say when all that is there was sent),
 * `! ID BYTES` (so many more were taken: of a file only a window is sent ahead, so that a slow reader holds up no other).
 * Answers, a line each: `D ID OFFSET DATA` (base64), `R ID` (truncated or replaced: reading starts again at 0),
 * `C ID SIZE` (all is sent), `E ID CODE MESSAGE` (cannot be read; MESSAGE in base64).
 */
export const readerProgram = String.raw`
import base64, errno, os, select, stat, sys, time
CHUNK = 262144
WINDOW = 1048576
TAIL = 256
files = {}
out = sys.stdout.buffer
stdin = sys.stdin.fileno()
os.set_blocking(stdin, False)
pending = b""

def say(*words):
    out.write(b" ".join(w if isinstance(w, bytes) else str(w).encode() for w in words) + b"\n")

def command(line):
    words = line.split(b" ")
    if words[0] == b"+":
        files[words[1]] = {"path": base64.b64decode(words[3]), "offset": int(words[2]), "inode": None,
                           "tail": b"", "sent": None, "problem": None, "asked": False, "due": 0, "ahead": 0,
                           "grown": time.monotonic()}
    elif words[0] == b"-":
        files.pop(words[1], None)
    elif words[0] == b"?" and words[1] in files:
        files[words[1]]["asked"] = True
        files[words[1]]["due"] = 0

    elif words[0] == b"!" and words[1] in files:
        files[words[1]]["ahead"] -= int(words[2])
        files[words[1]]["due"] = 0

def open_file(path):
    # Not blocking: a pipe would wait for its writer.
    handle = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", 0)
    if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode) and path != b"/dev/null":
        handle.close()
        raise OSError(errno.ESPIPE, "not a regular file")
    return handle

def look(ident, f, now):
    if f["ahead"] >= WINDOW:
        f["due"] = now + 60
        return
    asked, f["asked"] = f["asked"], False
    try:
        # Opened anew each time: on NFS that is what asks the server for the file's true size.
        with open_file(f["path"]) as handle:
            state = os.fstat(handle.fileno())
            if f["offset"] < 0:
                f["offset"] = max(0, state.st_size + f["offset"])
            # What was read before must still be there: a file may be rewritten in place, and be as long as before.
            known = f["tail"]
            handle.seek(f["offset"] - len(known))
            data = handle.read(len(known) + CHUNK)
            if (f["inode"] not in (None, state.st_ino)) or state.st_size < f["offset"] or data[:len(known)] != known:
                f["offset"] = 0
                f["tail"] = known = b""
                f["sent"] = None
                say("R", ident)
                handle.seek(0)
                data = handle.read(CHUNK)
            f["inode"] = state.st_ino
            f["problem"] = None
            data = data[len(known):]
        if data:
            say("D", ident, f["offset"], base64.b64encode(data))
            f["offset"] += len(data)
            f["ahead"] += len(data)
            f["tail"] = (known + data)[-TAIL:]
            f["grown"] = now
        if len(data) < CHUNK and (asked or f["sent"] != f["offset"]):
            f["sent"] = f["offset"]
            say("C", ident, f["offset"])
        elif asked:
            f["asked"] = True
        f["due"] = now if len(data) == CHUNK else now + (0.05 if now - f["grown"] < 10 else 0.5)
    except (IOError, OSError) as error:
        if f["problem"] != error.errno or asked:
            f["problem"] = error.errno
            say("E", ident, errno.errorcode.get(error.errno, "EIO"), base64.b64encode(str(error).encode("utf-8", "replace")))
        f["due"] = now + 0.5

while True:
    now = time.monotonic()
    wait = max(0.0, min([f["due"] for f in files.values()]) - now) if files else 60.0
    readable, _, _ = select.select([stdin], [], [], wait)
    if readable:
        data = os.read(stdin, 65536)
        if not data:
            sys.exit(0)
        lines = (pending + data).split(b"\n")
        pending = lines.pop()
        for line in lines:
            command(line)
    now = time.monotonic()
    for ident, f in list(files.items()):
        if f["due"] <= now:
            look(ident, f, now)
    out.flush()
`;
