/**
 * The program that searches a file where it is: what is found crosses the network, not the file. It needs only Python
 * 3.6's standard library, reads what is wanted as JSON from stdin, and answers with one line of JSON: `found`, `offset` and
 * `line` (where to go on), `size`, `done`; or `problem` with `code`. It searches `seconds` long, a block at a time;
 * a pattern that holds it up beyond `limit` seconds ends it by SIGALRM.
 */

export const searchProgram = String.raw`
import errno, json, os, re, signal, stat, sys, time
os.nice(10)
BLOCK = 4194304
BEFORE, SHOWN = 120, 400
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])")
ask = json.loads(sys.stdin.buffer.read().decode("utf-8"))
# Ends the program, whatever a pattern does.
signal.alarm(ask["limit"])

def answer(**words):
    print(json.dumps(words))
    sys.exit(0)

def line_count(data):
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")

def shown(text, at):
    begin = max(0, at - BEFORE)
    return ("\u2026" if begin else "") + text[begin:begin + SHOWN] + ("\u2026" if len(text) > begin + SHOWN else "")

def search_lines(data, number, offset):
    # Line by line: what a pattern means by its ends, and text with escape sequences in it.
    for piece in data.splitlines(True):
        text = piece.rstrip(b"\r\n").decode("utf-8", "replace")
        text = ESCAPE.sub("", text)
        match = pattern.search(text)
        if match:
            yield offset, number, shown(text, match.start())
        number += 1
        offset += len(piece)

def search_text(data, number, offset):
    # A text that no line end and no escape sequence can part is looked for in the whole block at once.
    has_return = b"\r" in data
    begin = 0
    while True:
        match = needle.search(data, begin)
        if not match:
            return
        at = match.start()
        line = max(data.rfind(b"\n", begin, at), data.rfind(b"\r", begin, at) if has_return else -1) + 1 or begin
        ends = [end for end in (data.find(b"\n", at), data.find(b"\r", at) if has_return else -1) if end >= 0]
        end = min(ends) if ends else len(data)
        number += line_count(data[begin:line])
        # Around what was found: a line may be as long as the block.
        before = data[max(line, at - 4 * BEFORE):at].decode("utf-8", "replace")
        after = data[at:min(end, at + 4 * SHOWN)].decode("utf-8", "replace")
        yield offset + line, number, shown(before + after, len(before))
        begin = end

def run(handle):
    size = os.fstat(handle.fileno()).st_size
    offset, number, found, rest = ask["offset"], ask["line"], [], b""
    handle.seek(offset)
    deadline = time.monotonic() + ask["seconds"]
    while True:
        data = handle.read(BLOCK)
        block = rest + data
        # Whole lines only, but for the last of the file and one that is longer than a block.
        cut = len(block)
        if data:
            cut = block.rfind(b"\n") + 1 or cut - block.endswith(b"\r")
        block, rest = block[:cut], block[cut:]
        search = search_lines if needle is None or b"\x1b" in block else search_text
        for place, line, text in search(block, number, offset):
            if len(found) == ask["most"]:
                answer(found=found, offset=place, line=line, size=size, done=False)
            found.append([place, line, text])
        number += line_count(block)
        offset += len(block)
        if not data:
            answer(found=found, offset=offset, line=number, size=size, done=True)
        if time.monotonic() > deadline:
            answer(found=found, offset=offset, line=number, size=size, done=False)

flags = re.IGNORECASE if ask["ignoreCase"] else 0
wanted = ask["wanted"]
try:
    pattern = re.compile(wanted if ask["isPattern"] else re.escape(wanted), flags)
except re.error as error:
    answer(problem="the pattern cannot be read: " + str(error), code="pattern")
needle = None if ask["isPattern"] else re.compile(re.escape(wanted.encode("utf-8")), flags)
try:
    # Not blocking: a pipe would wait for its writer.
    handle = os.fdopen(os.open(ask["path"].encode("utf-8"), os.O_RDONLY | os.O_NONBLOCK), "rb", 0)
    if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
        raise OSError(errno.ESPIPE, "not a regular file")
    run(handle)
except (IOError, OSError) as error:
    answer(problem=str(error), code=errno.errorcode.get(error.errno, "EIO"))
`;
