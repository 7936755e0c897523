/* Say a line, and become another program. SPDX-License-Identifier: Apache-2.0 */
#ifndef BECOME_H
#define BECOME_H

/* The tool's name before what it complains of: `wait: …`. */
extern const char *const tool;

/* A line on standard output, whole and at once. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* `TOOL: …` on standard error, and the end with this status. */
__attribute__((format(printf, 2, 3), noreturn)) void end(int status, const char *format, ...);

/* Becomes the command, found by PATH; ends with 127 where it is not found and 126 where it can't be run, as shells do. */
__attribute__((noreturn)) void become(char *const command[]);

#endif
