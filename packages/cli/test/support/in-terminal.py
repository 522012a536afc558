"""Runs a program in a terminal of its own: python3 in-terminal.py COLUMNS PROGRAM [ARGUMENT...].

What comes on stdin is typed, what the program prints goes to stdout, its exit code is ours. Ctrl-C typed while the
terminal is not raw is a real SIGINT to the program's process group, as the kernel makes it.
"""
import fcntl, os, pty, select, struct, sys, termios

columns, program = int(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
sources = [terminal, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(terminal, typed)
        else:
            sources.remove(0)
    if terminal in ready:
        try:
            printed = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the program has closed the terminal
            break
        if not printed:
            break
        os.write(1, printed)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if code >= 0 else 128 - code)
