/**
 * The programs that read files on a cluster: one follows many files over one channel, the other reads once what they have
 * to tell, where a site forbids long-running commands. They need only Python 3.6's standard library.
 *
 * Files are told as `+ ID OFFSET PATH INODE TAIL SINCE`, a line each (PATH and TAIL in base64, `-`: absent). To the one
 * that stays: `- ID`, `? ID` (say when all that is there was sent), `! ID BYTES` (so many more were taken: of a file only
 * a window is sent ahead, so that a slow reader holds up no other). It ends when its stdin does, so a broken connection
 * leaves nothing behind.
 *
 * Answers, a line each: `I ID INODE TIME` (opened), `D ID OFFSET DATA` (base64), `R ID KIND TIME` (reading starts again
 * at 0), `C ID SIZE` (all is sent), `E ID CODE MESSAGE` (cannot be read; MESSAGE in base64), `M ID` (there is more).
 */
const core = String.raw`
import base64, errno, os, select, stat, sys, time
CHUNK = 262144
WINDOW = 1048576
TAIL = 256
files = {}
out = sys.stdout.buffer

def say(*words):
    out.write(b" ".join(w if isinstance(w, bytes) else str(w).encode() for w in words) + b"\n")

def follow(words):
    ident, offset, path, inode, tail, since = words
    files[ident] = {"path": base64.b64decode(path), "offset": int(offset), "inode": None if inode == b"-" else int(inode),
                    "tail": b"" if tail == b"-" else base64.b64decode(tail), "since": None if since == b"-" else float(since),
                    "opened": False, "sent": None, "problem": None, "asked": False, "due": 0, "ahead": 0,
                    "grown": time.monotonic()}

def open_file(path):
    # Not blocking: a pipe would wait for its writer.
    handle = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", 0)
    if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode) and path != b"/dev/null":
        handle.close()
        raise OSError(errno.ESPIPE, "not a regular file")
    return handle

def restart(ident, f, kind):
    f["offset"] = 0
    f["tail"] = b""
    f["inode"] = None
    f["opened"] = False
    f["sent"] = None
    f["since"] = None
    say("R", ident, kind, time.time())

def read_on(handle, f):
    # What was read before must still be there. None: it is not.
    known = f["tail"]
    handle.seek(f["offset"] - len(known))
    data = handle.read(len(known) + CHUNK)
    return data[len(known):] if data[:len(known)] == known else None

def send(ident, f, data, now):
    if data:
        say("D", ident, f["offset"], base64.b64encode(data))
        f["offset"] += len(data)
        f["ahead"] += len(data)
        f["tail"] = (f["tail"] + data)[-TAIL:]
        f["grown"] = now

def drain(ident, f, now):
    # The rest of a file that was renamed stands beside the new one. None: it is not there.
    folder, name = os.path.split(f["path"])
    try:
        for entry in os.scandir(folder):
            if entry.name.startswith(name) and entry.name != name and entry.inode() == f["inode"]:
                with open_file(entry.path) as handle:
                    data = read_on(handle, f)
                if data is not None:
                    send(ident, f, data, now)
                return None if data is None else len(data)
    except OSError:
        pass
    return None

def settle(ident, f, handle, now):
    # Is it still the file that was read? False: there is more of the old one to send first.
    state = os.fstat(handle.fileno())
    if f["offset"] < 0:
        f["offset"] = max(0, state.st_size + f["offset"])
    if f["inode"] not in (None, state.st_ino):
        rest = drain(ident, f, now)
        if rest == CHUNK:
            return False
        restart(ident, f, "replaced" if rest is None else "rotated")
    elif f["since"] is not None and state.st_mtime >= f["since"]:
        restart(ident, f, "rewritten")
    elif state.st_size < f["offset"]:
        restart(ident, f, "truncated")
    f["inode"] = state.st_ino
    if not f["opened"]:
        f["opened"] = True
        say("I", ident, state.st_ino, time.time())
    return True

def look(ident, f, now):
    if f["ahead"] >= WINDOW:
        f["due"] = now + 60
        return
    asked, f["asked"] = f["asked"], False
    try:
        # Opened anew each time: on NFS that is what asks the server for the file's true size.
        with open_file(f["path"]) as handle:
            if not settle(ident, f, handle, now):
                f["asked"] = asked
                f["due"] = now
                return
            data = read_on(handle, f)
            if data is None:
                restart(ident, f, "truncated")
                settle(ident, f, handle, now)
                data = read_on(handle, f)
        f["problem"] = None
        send(ident, f, data, now)
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
`;

/** Stays and follows. */
export const readerProgram = `${core}
stdin = sys.stdin.fileno()
os.set_blocking(stdin, False)
pending = b""

def command(line):
    words = line.split(b" ")
    if words[0] == b"+":
        follow(words[1:])
    elif words[0] == b"-":
        files.pop(words[1], None)
    elif words[0] == b"?" and words[1] in files:
        files[words[1]]["asked"] = True
        files[words[1]]["due"] = 0
    elif words[0] == b"!" and words[1] in files:
        files[words[1]]["ahead"] -= int(words[2])
        files[words[1]]["due"] = 0

while True:
    now = time.monotonic()
    wait = max(0.0, min([f["due"] for f in files.values()]) - now) if files else 60.0
    readable, _, _ = select.select([stdin], [], [], wait)
    if readable:
        data = os.read(stdin, 65536)
        if not data:
            sys.exit(0)
        lines = (pending + data).split(b"\\n")
        pending = lines.pop()
        for line in lines:
            command(line)
    now = time.monotonic()
    for ident, f in list(files.items()):
        if f["due"] <= now:
            look(ident, f, now)
    out.flush()
`;

/** Bytes that one run of `pollProgram` sends at most, before base64. */
export const pollBytes = 4 * 1024 * 1024;

/** Reads once what is new: of each file at most a window, of all at most `pollBytes`. */
export const pollProgram = `${core}
for line in sys.stdin.buffer.read().splitlines():
    words = line.split(b" ")
    if words[0] == b"+":
        follow(words[1:])
left = ${pollBytes}
for ident, f in files.items():
    f["asked"] = True
    while f["asked"] and f["ahead"] < WINDOW and left > 0:
        before = f["ahead"]
        look(ident, f, time.monotonic())
        left -= f["ahead"] - before
        if f["problem"] is not None:
            break
    if f["asked"] and f["problem"] is None:
        say("M", ident)
out.flush()
`;
