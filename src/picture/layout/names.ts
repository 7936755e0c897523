/** The names of the layouts, in a file of their own: the command line lists them and needs no arithmetic for that. */
export const LAYOUTS = ['auto', 'layered', 'force', 'geographic'] as const;
export type LayoutName = (typeof LAYOUTS)[number];
