/** Two labs whose names have the same group number (22 bits of SHA-256). Among some thousand names there are two such. */
export const NAMESAKES = ['lab463', 'lab805'] as const;
