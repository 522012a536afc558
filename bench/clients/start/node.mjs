/**
 * Node itself: what of a program's start nobody can save.
 */
process.stdout.write("ready\n");
