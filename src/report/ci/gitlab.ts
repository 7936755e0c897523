/** GitLab's sections, which its job log folds and times (docs.gitlab.com, "CI/CD job logs", custom collapsible sections). */

/** `name` is of letters, digits, `_`, `.` and `-`. `unixS`: seconds since the Unix epoch. The section is closed at first. */
export function sectionStart(name: string, title: string, unixS: number): string {
  return `\x1b[0Ksection_start:${Math.floor(unixS)}:${name}[collapsed=true]\r\x1b[0K${title}\n`;
}

export function sectionEnd(name: string, unixS: number): string {
  return `\x1b[0Ksection_end:${Math.floor(unixS)}:${name}\r\x1b[0K\n`;
}
